// Owns the limits of the user form (003), which are narrower than those of the user table. They hold for what people type, in files and
// in the admin API, and only for values that change: what came from another source can go out and in again.

import { type Fault, fault } from '../faults.ts';
import { elementsAt, nameOfKey, sameValue, textAt } from '../schema/attributes.ts';
import { EMAIL_RULE, isEmailAddress, LANGUAGE_RULE, languageTag } from '../schema/formats.ts';
import type { Attributes } from '../schema/schema.ts';

const NARROW = 50;
const WIDE = 255;

/** The most characters of a text in the form, by key; texts that are not listed have the limits of the user table. */
export const FORM_LENGTH_MAX: ReadonlyMap<string, number> = new Map([
  ['userName', 100],
  ['externalId', WIDE],
  ['name.givenName', NARROW],
  ['name.familyName', NARROW],
  ['name.middleName', NARROW],
  ['name.honorificPrefix', NARROW],
  ['emails', WIDE],
  ['phoneNumbers', NARROW],
  ['preferredLanguage', NARROW],
  ['title', WIDE],
  ['enterprise.employeeNumber', NARROW],
  ['enterprise.organization', NARROW],
  ['enterprise.division', NARROW],
  ['enterprise.department', NARROW],
  ['enterprise.costCenter', NARROW],
  ['enterprise.manager', WIDE],
  ['mobietrain.organizationalUnit', WIDE],
  ['mobietrain.organizationalRole', NARROW],
  ['mobietrain.companyId', WIDE],
  ['mobietrain.customField01', WIDE],
  ['mobietrain.customField02', WIDE],
  ['mobietrain.customField03', WIDE],
  ['mobietrain.country', NARROW],
  ['mobietrain.storeCountry', NARROW],
]);

/** The form allows letters, digits and these four special characters in an address. */
const ADDRESS = /^[\p{L}\p{M}\p{N}_.@-]*$/u;
const ADDRESS_RULE = 'may contain no special characters other than _ - . and @';

/** The rule of the form that an e-mail address breaks; undefined if it breaks none. */
export function addressRule(address: string): string | undefined {
  if (!ADDRESS.test(address)) return ADDRESS_RULE;
  return isEmailAddress(address) ? undefined : EMAIL_RULE;
}

/** The rule that a language breaks; undefined if it breaks none. */
function languageRule(language: string): string | undefined {
  return languageTag(language) === undefined ? LANGUAGE_RULE : undefined;
}

/**
 * The limits of the form that changed values break.
 * @param before the attributes as they are; undefined for a new user
 * @param after the attributes as they would be, as far as they are stated
 * Faults: tooLong, invalidValue.
 */
export function formFaults(before: Attributes | undefined, after: Attributes): Fault[] {
  const faults: Fault[] = [];
  const isChanged = (key: string) => before === undefined || textAt(before, key) !== textAt(after, key);
  for (const [key, max] of FORM_LENGTH_MAX) {
    const text = textAt(after, key);
    if (text === undefined || !isChanged(key)) continue;
    const path = nameOfKey(key);
    if (text.length > max && [...text].length > max) faults.push(fault('tooLong', path, { max }));
    const rule = key === 'preferredLanguage' ? languageRule(text) : undefined;
    if (rule !== undefined) faults.push(fault('invalidValue', path, { value: text, rule }));
  }
  for (const key of ['emails', 'phoneNumbers'] as const) faults.push(...contactFaults(key, before, after));
  return faults;
}

function contactFaults(key: 'emails' | 'phoneNumbers', before: Attributes | undefined, after: Attributes): Fault[] {
  const known = before ? elementsAt(before, key) : [];
  const max = FORM_LENGTH_MAX.get(key) ?? WIDE;
  return elementsAt(after, key).flatMap(({ value }, index) => {
    if (typeof value !== 'string' || known.some((other) => sameValue(other.value, value))) return [];
    const path = `${key}[${index}].value`;
    const rule = key === 'emails' ? addressRule(value) : undefined;
    return [
      ...([...value].length > max ? [fault('tooLong', path, { max })] : []),
      ...(rule === undefined ? [] : [fault('invalidValue', path, { value, rule })]),
    ];
  });
}
