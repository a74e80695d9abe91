// The formats of the MobieTrain user table: e-mail, phone number, calling code, country.

import countries from 'i18n-iso-countries';
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';

const CALLING_CODES: ReadonlySet<string> = new Set(getCountries().map((country) => getCountryCallingCode(country)));
const ADDRESS = /^[^\s@"(),:;<>[\]\\]{1,64}@[^\s@"(),:;<>[\]\\]{1,190}$/;
/** Whether a text is one plain e-mail address with a dotted domain, at most 255 characters. */
export function isEmailAddress(text: string): boolean {
  if (text.length > 255 || !ADDRESS.test(text)) return false;
  const domain = text.slice(text.lastIndexOf('@') + 1);
  return domain.includes('.') && !domain.startsWith('.') && !domain.endsWith('.') && !domain.includes('..');
}

/** Whether a text has control characters: a line break in an address writes another mail header. */
export function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** The E.164 form of a phone number that carries its country code (`+32 470 123 456`), or undefined where it does not. */
export function toE164(text: string): string | undefined {
  if (!text.startsWith('+') || text.length > 40) return undefined;
  const number = parsePhoneNumberFromString(text);
  return number?.isPossible() ? number.number : undefined;
}

/** Whether a text is a country's calling code such as `32`. */
export function isCallingCode(text: string): boolean {
  return CALLING_CODES.has(text);
}

/** Every calling code, in order. */
export function callingCodes(): string[] {
  return [...CALLING_CODES].sort((a, b) => Number(a) - Number(b));
}

/** Whether a text is an ISO 3166-1 code (two or three letters, any case). */
export function isCountryCode(text: string): boolean {
  return /^[A-Za-z]{2,3}$/.test(text) && countries.isValid(text.toUpperCase());
}

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
/** Codes of ISO 639 that name no language. */
const NO_LANGUAGES: ReadonlySet<string> = new Set(['mis', 'mul', 'und', 'zxx']);
/** What was asked before, by code: a question costs as much as the rest of a row. There are no more codes than letters allow. */
const languagesAsked = new Map<string, boolean>();

/** Whether a text is an ISO 639 code of a language (two or three letters, any case). */
export function isLanguageCode(text: string): boolean {
  if (!/^[A-Za-z]{2,3}$/.test(text)) return false;
  const code = text.toLowerCase();
  const known = languagesAsked.get(code);
  if (known !== undefined) return known;
  const isOne = !NO_LANGUAGES.has(code) && LANGUAGES.of(code) !== undefined;
  languagesAsked.set(code, isOne);
  return isOne;
}

/** A date as 2026-12-31, out of that form or a spreadsheet's 31/12/2026, 31-12-2026, 31.12.2026; undefined for no date. */
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
