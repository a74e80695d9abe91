// The languages of the console. Each is loaded only if it is chosen.

import polyglotI18nProvider from 'ra-i18n-polyglot';
import english from 'ra-language-english';
import type { TranslationMessages } from 'react-admin';
import { en, type Texts } from './texts/en.ts';

/** The languages, each in itself. */
const LOCALES = [
  { locale: 'en', name: 'English' },
  { locale: 'nl', name: 'Nederlands' },
  { locale: 'fr', name: 'Français' },
  { locale: 'de', name: 'Deutsch' },
];

type Words = Record<string, unknown>;

/** The English words with those of another language in their place. */
function merged(base: Words, other: Words): Words {
  const result: Words = { ...base };
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    const isDeep = typeof value === 'object' && value !== null && typeof before === 'object' && before !== null;
    result[key] = isDeep ? merged(before as Words, value as Words) : value;
  }
  return result;
}

/** Sentences of react-admin in a form that fits every word. */
const SENTENCES: Words = {
  message: { delete_title: 'Delete “%{recordRepresentation}”?', delete_content: 'This cannot be undone.' },
  navigation: { no_results: 'Nothing found.', no_filtered_results: 'Nothing found with these filters.' },
};

function messagesOf(words: Words, texts: Texts): TranslationMessages {
  const { pages, things } = texts;
  const names = Object.entries(RESOURCES).map(([resource, page]) => {
    const { one, create, empty, next } = things[page];
    return [resource, { name: `${one} |||| ${pages[page]}`, page: { create }, empty, next }];
  });
  const signIn = { auth: { username: texts.users.fields.email } };
  const ra = merged(
    merged(merged(english.ra as unknown as Words, SENTENCES), words),
    merged(signIn, words.auth ? { auth: words.auth as Words } : {}),
  );
  return { ra, mt: texts, resources: Object.fromEntries(names) } as unknown as TranslationMessages;
}

const RESOURCES = {
  users: 'users',
  invitations: 'invitations',
  groups: 'groups',
  stores: 'stores',
  'org-units': 'orgUnits',
  roles: 'roles',
  organizations: 'organizations',
  'enrollment-profiles': 'enrollmentProfiles',
  courses: 'courses',
  imports: 'imports',
  connections: 'connections',
  attributes: 'attributes',
  events: 'events',
  audit: 'audit',
  administrators: 'administrators',
} as const;

async function load(locale: string): Promise<TranslationMessages> {
  switch (locale) {
    case 'nl': {
      const [{ nl }, { frameworkNl }] = await Promise.all([import('./texts/nl.ts'), import('./texts/framework.ts')]);
      return messagesOf(frameworkNl, nl);
    }
    case 'de': {
      const [{ de }, { frameworkDe }] = await Promise.all([import('./texts/de.ts'), import('./texts/framework.ts')]);
      return messagesOf(frameworkDe, de);
    }
    case 'fr': {
      const [{ fr }, french, { frameworkFr }] = await Promise.all([
        import('./texts/fr.ts'),
        import('ra-language-french'),
        import('./texts/framework.ts'),
      ]);
      return messagesOf(merged(french.default.ra as unknown as Words, frameworkFr), fr);
    }
    default:
      return ENGLISH;
  }
}

const ENGLISH = messagesOf({}, en);

/** The language of the browser, if the console has it. */
function browserLocale(): string {
  const [wanted = 'en'] = navigator.language.split('-');
  return LOCALES.some(({ locale }) => locale === wanted) ? wanted : 'en';
}

/** Makes the translations; the first language is loaded before the console is shown. */
export async function createI18n() {
  const stored = JSON.parse(localStorage.getItem('RaStore.locale') ?? 'null') as string | null;
  const first = stored ?? browserLocale();
  const loaded = new Map([
    ['en', ENGLISH],
    [first, await load(first)],
  ]);
  const provider = polyglotI18nProvider(
    (locale) => loaded.get(locale) ?? (load(locale) as unknown as TranslationMessages),
    first,
    LOCALES,
    { allowMissing: true },
  );
  document.documentElement.lang = first;
  return {
    ...provider,
    async changeLocale(locale: string) {
      await provider.changeLocale(locale);
      document.documentElement.lang = locale;
    },
  };
}
