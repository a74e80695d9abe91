// Chooses the language of a page, and fills in texts.

import type { Language } from '../directory/accounts/settings.ts';
import { languageAmong, languageOf } from '../directory/entry/entry.ts';

const TAGS_MAX = 20;

/** The language of a page: the first wanted one that the account offers. @param accepted an Accept-Language header or a list of tags */
export function pageLanguage(
  choices: readonly Language[],
  wanted: readonly (Language | undefined)[],
  accepted: string | undefined,
): Language {
  const tags = (accepted ?? '').slice(0, 500).split(/[,\s]+/, TAGS_MAX);
  const weighted = tags.map((tag) => {
    const [, weight = '1'] = /;q=([\d.]{1,5})/.exec(tag) ?? [];
    return { language: languageOf(tag.split(';', 1)[0]), weight: Number(weight) };
  });
  weighted.sort((a, b) => b.weight - a.weight);
  return languageAmong(choices, ...wanted, ...weighted.map(({ language }) => language));
}

/** A text with the values of its places. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? place) : place,
  );
}
