// Texts that are loaded when a page first needs them, in the language of the console.

import { useQuery } from '@tanstack/react-query';
import { useLocaleState } from 'react-admin';
import type { HealthTexts } from '../texts/health/en.ts';
import type { SupportTexts } from '../texts/support/en.ts';

type Loaders<T> = Readonly<Record<string, () => Promise<T>>>;

const HEALTH: Loaders<HealthTexts> = {
  en: async () => (await import('../texts/health/en.ts')).en,
  nl: async () => (await import('../texts/health/nl.ts')).nl,
  fr: async () => (await import('../texts/health/fr.ts')).fr,
  de: async () => (await import('../texts/health/de.ts')).de,
};

const SUPPORT: Loaders<SupportTexts> = {
  en: async () => (await import('../texts/support/en.ts')).en,
  nl: async () => (await import('../texts/support/nl.ts')).nl,
  fr: async () => (await import('../texts/support/fr.ts')).fr,
  de: async () => (await import('../texts/support/de.ts')).de,
};

function useLoaded<T>(name: string, loaders: Loaders<T>): T | undefined {
  const [locale] = useLocaleState();
  const load = loaders[locale] ?? loaders.en;
  return useQuery({
    queryKey: ['texts', name, locale],
    queryFn: () => load?.(),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}

/** The texts about health; undefined until they are loaded. */
export const useHealthTexts = () => useLoaded('health', HEALTH);

/** The texts about timelines, likewise. */
export const useSupportTexts = () => useLoaded('support', SUPPORT);

/** A text with values in the places of `%{name}`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/%\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Numbers as the language writes them. */
export function useNumbers(): (value: number) => string {
  const [locale] = useLocaleState();
  const number = new Intl.NumberFormat(locale === 'en' ? 'en-GB' : locale, { maximumFractionDigits: 1 });
  return (value) => number.format(value);
}
