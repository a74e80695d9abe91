// Owns the formats of single values: e-mail address, phone number, calling code, country, language, date, time of day, time zone.

import countries from 'i18n-iso-countries';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

/** The texts for `Fault.params.rule`, one for each format. */
export const EMAIL_RULE = 'must be one e-mail address';
export const PHONE_RULE = 'must include the country code, as in +32 470 123 456';
const CALLING_CODE_RULE = 'must be a calling code such as 32';
const COUNTRY_CODE_RULE = 'must be an ISO 3166-1 country code such as BE';
export const LANGUAGE_RULE = 'must be an ISO 639 language code such as nl or fr-BE';

const CALLING_CODES: ReadonlySet<string> = new Set(getCountries().map((country) => getCountryCallingCode(country)));
/** One address without a display name, like `isEmailAddress` but without the check of the domain. */
export const ADDRESS = /^[^\s@"(),:;<>[\]\\]{1,64}@[^\s@"(),:;<>[\]\\]{1,190}$/;

/** A part of a domain; letters of any script, because domains are internationalised. */
const DOMAIN_LABEL = /^(?!-)[\p{L}\p{M}\p{N}_-]{1,63}(?<!-)$/u;

/**
 * Whether a text is one e-mail address without a display name and with at most 255 characters: dots only between other characters, and a
 * domain of several parts that is not an IP address (RFC 5321 §4.1.2, without quoted names and address literals).
 */
export function isEmailAddress(text: string): boolean {
  if (text.length > 255 || !ADDRESS.test(text)) return false;
  const at = text.lastIndexOf('@');
  const labels = text.slice(at + 1).split('.');
  const isNumber = /^\p{N}+$/u.test(labels.at(-1) ?? '');
  const isDotted = text
    .slice(0, at)
    .split('.')
    .every((part) => part !== '');
  return isDotted && labels.length > 1 && !isNumber && labels.every((label) => DOMAIN_LABEL.test(label));
}

/** Whether a text has control characters. A line break in an address would add a mail header. */
export function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** The E.164 form of a phone number; undefined if the number is not possible or has no country code (`+32 470 123 456`). */
export function toE164(text: string): string | undefined {
  if (!text.startsWith('+') || text.length > 40) return undefined;
  const number = parsePhoneNumberFromString(text);
  return number?.isPossible() ? number.number : undefined;
}

/** Whether a text is a country's calling code such as `32`. */
export function isCallingCode(text: string): boolean {
  return CALLING_CODES.has(text);
}

/** The calling code of a country, such as `32` of `BE`; undefined if there is none. */
export function callingCodeOf(country: string): string | undefined {
  return isSupportedCountry(country) ? getCountryCallingCode(country) : undefined;
}

const SHOWN_CHARS_MAX = 100;

/** The rule that a text breaks if it is not a calling code, with the text and, if it can be recognized, the code that is meant. */
export function callingCodeRule(text: string): string {
  const value = JSON.stringify(text.slice(0, SHOWN_CHARS_MAX));
  const code = countryOf(text);
  if (code !== undefined) return `${value} is a country code; its calling code is ${getCountryCallingCode(code)}`;
  const digits = digitsOf(text);
  if (isCallingCode(digits)) return `${value} is written as ${digits}, a calling code in digits only`;
  return `${CALLING_CODE_RULE}, which ${value} is not`;
}

/** The rule that a text breaks if it is not a country code, with the text and, if it can be recognized, the code that is meant. */
export function countryCodeRule(text: string): string {
  const value = JSON.stringify(text.slice(0, SHOWN_CHARS_MAX));
  const [code, ...others] = getCountries().filter((country) => getCountryCallingCode(country) === digitsOf(text));
  if (code !== undefined && others.length === 0) return `${value} is a calling code; its country code is ${code}`;
  return `${COUNTRY_CODE_RULE}, which ${value} is not`;
}

/** A calling code as people write it (`+32`, `0032`) in digits only. */
function digitsOf(text: string): string {
  return text.trim().replace(/^(?:\+|00)/, '');
}

/** The country of an ISO 3166-1 code of two or three letters, if it has a calling code. */
function countryOf(text: string): CountryCode | undefined {
  const code = text.trim().toUpperCase();
  const short = code.length === 3 ? countries.alpha3ToAlpha2(code) : code;
  return short !== undefined && isSupportedCountry(short) ? short : undefined;
}

/** All calling codes in numerical order. */
export function callingCodes(): string[] {
  return [...CALLING_CODES].sort((a, b) => Number(a) - Number(b));
}

/** Whether a text is an ISO 3166-1 code (two or three letters, any case). */
export function isCountryCode(text: string): boolean {
  return /^[A-Za-z]{2,3}$/.test(text) && countries.isValid(text.toUpperCase());
}

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
/** ISO 639 codes that do not denote one language. */
const NO_LANGUAGES: ReadonlySet<string> = new Set(['mis', 'mul', 'und', 'zxx']);
/** A cache by code, since a lookup takes as long as the rest of a row. Bounded, since a code has two or three letters. */
const knownLanguages = new Map<string, boolean>();

/** Whether a text is an ISO 639 code of a language (two or three letters, any case). */
export function isLanguageCode(text: string): boolean {
  if (!/^[A-Za-z]{2,3}$/.test(text)) return false;
  const code = text.toLowerCase();
  const known = knownLanguages.get(code);
  if (known !== undefined) return known;
  const isLanguage = !NO_LANGUAGES.has(code) && LANGUAGES.of(code) !== undefined;
  knownLanguages.set(code, isLanguage);
  return isLanguage;
}

/**
 * A language as it is stored: the shortest ISO 639 code, with the region if there is one (`nld` is `nl`, `nl_be` is `nl-BE`). Undefined if
 * the text is not a language.
 */
export function languageTag(text: string): string | undefined {
  const [code = '', ...subtags] = text.split(/[-_]/);
  const region = subtags.find((subtag) => /^[A-Za-z]{2}$/.test(subtag));
  if (!isLanguageCode(code) || (region !== undefined && !isCountryCode(region))) return undefined;
  try {
    return Intl.getCanonicalLocales([code, ...subtags].join('-'))[0];
  } catch {
    return undefined;
  }
}

/** A country as it is stored: its two-letter ISO 3166-1 code (`BEL` is `BE`); undefined if the text is not one. */
export function countryCode(text: string): string | undefined {
  return isCountryCode(text) ? countries.toAlpha2(text.toUpperCase()) : undefined;
}

/** The day at an instant in a time zone, such as `2026-11-22`. @throws RangeError if the time zone does not exist */
export function dayIn(at: Date, timeZone: string): string {
  return daysIn(timeZone)(at);
}

/** The same for many instants: making the format costs much more than using it. */
export function daysIn(timeZone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}

/** Converts 2026-12-31, 31/12/2026, 31-12-2026 and 31.12.2026 to 2026-12-31; undefined if the text is not a date. */
export function readDate(cell: string): string | undefined {
  const text = cell.trim();
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const european = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text);
  const [year, month, day] = iso ? iso.slice(1) : european ? [european[3], european[2], european[1]] : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : undefined;
}

/** Whether a text is a time zone that the system knows, such as `Europe/Brussels`. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Whether a text is a label of an encoding in the WHATWG Encoding Standard, such as `windows-1252`. */
export function isEncodingLabel(text: string): boolean {
  try {
    return new TextDecoder(text).encoding !== '';
  } catch {
    return false;
  }
}

/** Whether a text is a time of day such as `02:30`. */
export function isTimeOfDay(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);
}

/** Whether a text is an https address without a user name. */
export function isHttpsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return protocol === 'https:' && username === '' && password === '';
}
