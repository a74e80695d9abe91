// The texts about health in the language of the console, loaded when a page first needs them, and the numbers and times in them.

import { useQuery } from '@tanstack/react-query';
import { useLocaleState } from 'react-admin';
import type { HealthTexts } from '../texts/health/en.ts';

const LOADERS: Readonly<Record<string, () => Promise<HealthTexts>>> = {
  en: async () => (await import('../texts/health/en.ts')).en,
  nl: async () => (await import('../texts/health/nl.ts')).nl,
  fr: async () => (await import('../texts/health/fr.ts')).fr,
  de: async () => (await import('../texts/health/de.ts')).de,
};

/** The texts; undefined until they are loaded. */
export function useHealthTexts(): HealthTexts | undefined {
  const [locale] = useLocaleState();
  const load = LOADERS[locale] ?? LOADERS.en;
  return useQuery({ queryKey: ['health texts', locale], queryFn: () => load?.(), staleTime: Number.POSITIVE_INFINITY })
    .data;
}

/** A text with values in the places of `%{name}`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/%\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Numbers and days as the language writes them. */
export function useFormats() {
  const [locale] = useLocaleState();
  const language = locale === 'en' ? 'en-GB' : locale;
  const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const hour = new Intl.DateTimeFormat(language, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return {
    number: (value: number) => number.format(value),
    day: (text: string) => day.format(new Date(`${text}T00:00:00Z`)),
    time: (at: string) => time.format(new Date(at)),
    hour: (at: string) => hour.format(new Date(at)),
  };
}
