// Owns the rules of the MobieTrain user table: required data, lengths and formats. Doors only translate the faults.

import { type Fault, fault } from '../faults.ts';
import { changesOf, type LinkChange, type LinkStatement, type PrimaryStatement } from '../links/changes.ts';
import { LINK_KINDS, type LinkKind } from '../links/kinds.ts';
import { elementsAt, nameOfKey, textAt, valueAt } from '../schema/attributes.ts';
import { isObject } from '../schema/fold.ts';
import {
  callingCodeRule,
  countryCodeRule,
  EMAIL_RULE,
  isCallingCode,
  isCountryCode,
  isEmailAddress,
  PHONE_RULE,
  toE164,
} from '../schema/formats.ts';
import type { Attributes, AttributeValue } from '../schema/schema.ts';
import { hasHiddenSigns, VISIBLE_RULE } from '../schema/texts.ts';

/** Maximum number of characters by key; `TEXT_LENGTH_MAX` for all others. The names of groups have `TEXT_CHARS_MAX`. */
const LENGTH_MAX: ReadonlyMap<string, number> = new Map([
  ['userName', 255],
  ['externalId', 255],
  ['title', 255],
  ['name.givenName', 255],
  ['name.familyName', 255],
  ['displayName', 1024],
  ['mobietrain.companyId', 255],
  ['mobietrain.organizationalUnit', 255],
  ['mobietrain.customField01', 255],
  ['mobietrain.customField02', 255],
  ['mobietrain.customField03', 255],
  ['mobietrain.groupType', 255],
]);
const TEXT_LENGTH_MAX = 4096;
const BINARY_LENGTH_MAX = 65_536;
/** Half of a surrogate pair: it cannot be encoded, so it could not be served as it was sent. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const TEXT_RULE = 'must be text without lone surrogates';
/** Maximum number of characters of a name or an ID of a store or group. */
const TEXT_CHARS_MAX = 255;
/** Maximum number of elements of a multi-valued attribute. */
const ELEMENTS_MAX = 1000;
/** Maximum number of links of a user to groups, and to stores. */
export const LINKS_MAX = 1000;

/** The new state of a user, as the rules need it. */
export interface UserCandidate {
  /** Stored attributes, without links. */
  data: Attributes;
  /** The stores as served. */
  stores: Attributes[];
  /** Flat attributes that belong to no link. */
  unlinkedValues: Attributes;
  /** Whether the manager reference is unresolved. */
  managerUnresolved: boolean;
  /** False for a user who came by invitation. */
  needsExternalId: boolean;
  /** Keys of the custom attributes that the account requires. */
  requiredKeys: readonly string[];
}

/** Keys of names and identifiers, which may not have hidden signs. Other texts may hold what they need, such as line breaks. */
const VISIBLE_KEYS = /^(?:userName|externalId|displayName|nickName|name\.\w+|emails\.value|mobietrain\.groupType)$/;

/** What the sizes of texts are checked against. */
interface SizeRules {
  /** The attributes as they are stored: a text that does not change is not checked, so that what is served is always accepted back. */
  stored?: Attributes | undefined;
  lengths?: ReadonlyMap<string, number>;
}

/** The lengths of a group's attributes: a user shows the group's name and ID, so a group may not have longer ones than a user. */
export const GROUP_LENGTHS: ReadonlyMap<string, number> = new Map([...LENGTH_MAX, ['displayName', TEXT_CHARS_MAX]]);

/** Checks lengths, sizes and signs, whatever the account's `requiredData`. Faults: tooLong, tooMany, invalidValue. */
export function sizeFaults(attributes: Attributes, { stored, lengths = LENGTH_MAX }: SizeRules = {}): Fault[] {
  const faults: Fault[] = [];
  const check = (text: string, key: string, path: string): void => {
    const max = lengths.get(key) ?? (key.startsWith('x509Certificates') ? BINARY_LENGTH_MAX : TEXT_LENGTH_MAX);
    const found = textFault(text, shownPath(path), { max, isVisible: VISIBLE_KEYS.test(key) });
    if (found && !(stored && holdsText(stored, key.split('.'), text))) faults.push(found);
  };
  for (const key of Object.keys(attributes)) checkSize(attributes[key] as AttributeValue, key, key, faults, check);
  return faults;
}

/** Whether a text is stored at these steps, in any element of the lists along them. */
function holdsText(value: AttributeValue | undefined, [step, ...rest]: string[], text: string): boolean {
  if (Array.isArray(value))
    return value.some((element) => holdsText(element, step === undefined ? [] : [step, ...rest], text));
  if (step === undefined) return value === text;
  return isObject(value) && holdsText(value[step], rest, text);
}

/**
 * Checks a name or an identifier that is not an attribute (an administrators' name, a ref id): at most 255 characters, no hidden signs.
 * Faults: tooLong, invalidValue.
 */
export function nameFault(path: string, text: string | null | undefined): Fault | undefined {
  return typeof text === 'string' ? textFault(text, path, { max: TEXT_CHARS_MAX, isVisible: true }) : undefined;
}

function checkSize(
  value: AttributeValue,
  key: string,
  path: string,
  faults: Fault[],
  check: (text: string, key: string, path: string) => void,
): void {
  if (typeof value === 'string') check(value, key, path);
  else if (Array.isArray(value)) {
    if (value.length > ELEMENTS_MAX) faults.push(fault('tooMany', shownPath(path), { max: ELEMENTS_MAX }));
    else for (const [index, element] of value.entries()) checkSize(element, key, `${path}[${index}]`, faults, check);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      checkSize(value[name] as AttributeValue, `${key}.${name}`, `${path}.${name}`, faults, check);
    }
  }
}

function textFault(
  text: string,
  path: string,
  { max, isVisible }: { max: number; isVisible: boolean },
): Fault | undefined {
  if (text.length > max && [...text].length > max) return fault('tooLong', path, { max });
  if (LONE_SURROGATE.test(text)) return fault('invalidValue', path, { rule: TEXT_RULE });
  return isVisible && hasHiddenSigns(text) ? fault('invalidValue', path, { rule: VISIBLE_RULE }) : undefined;
}

/** The links of one kind as they are served. A text that does not change is not checked. */
type ServedLinks = (kind: LinkKind) => LinkStatement[];

/** Checks lengths, sizes and signs of changes of links. Faults: tooLong, tooMany, invalidValue. */
export function linkSizeFaults(changes: readonly LinkChange[], servedLinks: ServedLinks): Fault[] {
  const faults: Fault[] = [];
  for (const kind of LINK_KINDS) {
    const { lists, primary } = changesOf(kind.target, changes);
    const check = (values: PrimaryStatement, pathOf: (key: keyof PrimaryStatement) => string): void => {
      for (const key of ['reference', 'name', 'secondaryKey'] as const) {
        const text = values[key] ?? '';
        const found = textFault(text, pathOf(key), limitsOf(kind, key));
        if (found && !servedLinks(kind).some((served) => served[key] === text)) faults.push(found);
      }
    };
    const names = { reference: 'value', name: 'display', secondaryKey: kind.secondaryKey };
    for (const { op, links } of lists) {
      // A value to be removed need not be valid.
      if (op === 'remove') continue;
      if (links.length > ELEMENTS_MAX) faults.push(fault('tooMany', kind.list, { max: ELEMENTS_MAX }));
      else for (const [index, link] of links.entries()) check(link, (key) => `${kind.list}[${index}].${names[key]}`);
    }
    for (const { primary: values } of primary) check(values, (key) => kind.flat[key]);
  }
  return faults;
}

function limitsOf({ target }: LinkKind, key: keyof PrimaryStatement): { max: number; isVisible: boolean } {
  // A store's country is checked by its format.
  if (key === 'secondaryKey' && target === 'store') return { max: TEXT_LENGTH_MAX, isVisible: false };
  return { max: TEXT_CHARS_MAX, isVisible: true };
}

/** The path for fault messages: extension attributes without their short key. */
function shownPath(path: string): string {
  return nameOfKey(path);
}

/**
 * The rules of the user table that a user breaks. An account that enforces required data refuses them; others list them in `missing[]`.
 * Faults: required, invalidValue.
 */
export function tableFaults(user: UserCandidate): Fault[] {
  const { data, stores, unlinkedValues, requiredKeys } = user;
  const own = requiredKeys.filter((key) => valueAt(data, key) === undefined);
  return [
    ...personFaults(user),
    ...storeFaults(stores),
    ...unlinkedFaults(unlinkedValues),
    ...own.map((key) => fault('required', nameOfKey(key))),
  ];
}

function personFaults({ data, managerUnresolved, needsExternalId }: UserCandidate): Fault[] {
  const faults: Fault[] = [];
  for (const key of [...(needsExternalId ? ['externalId'] : []), 'name.givenName', 'name.familyName']) {
    // A name of blanks is none.
    if ((textAt(data, key) ?? '').trim() === '') faults.push(fault('required', key));
  }
  const emails = elementsAt(data, 'emails');
  const phones = elementsAt(data, 'phoneNumbers');
  const withEmail = emails.some((email) => typeof email.value === 'string' && email.value !== '');
  for (const [index, email] of emails.entries()) {
    if (typeof email.value === 'string' && !isEmailAddress(email.value)) {
      faults.push(fault('invalidValue', `emails[${index}].value`, { rule: EMAIL_RULE }));
    }
  }
  if (!withEmail) {
    const numbers = phones.filter((phone) => typeof phone.value === 'string' && phone.value !== '');
    if (numbers.length === 0)
      faults.push(fault('required', 'emails', { rule: 'an e-mail or a phone number is needed' }));
    else if (!numbers.some((phone) => toE164(phone.value as string))) {
      const index = phones.indexOf(numbers[0] as Attributes);
      faults.push(fault('invalidValue', `phoneNumbers[${index}].value`, { rule: PHONE_RULE }));
    }
  }
  const country = valueAt(data, 'mobietrain.country');
  if (typeof country === 'string' && !isCountryCode(country)) {
    faults.push(fault('invalidValue', 'country', { value: country, rule: countryCodeRule(country) }));
  }
  if (managerUnresolved)
    faults.push(fault('invalidValue', 'manager', { rule: 'refers to a user who does not exist yet' }));
  return faults;
}

/**
 * The faults of a store's name and country: a store with a name needs its country, and a country is a calling code.
 * @param path where the door states the country; faults carry it
 */
export function storeCountryFaults(name: unknown, country: unknown, path: string): Fault[] {
  if (country === undefined) {
    return name === undefined ? [] : [fault('required', path, { rule: 'a store with a name needs its country' })];
  }
  if (typeof country === 'string' && isCallingCode(country)) return [];
  const text = typeof country === 'string' ? country : '';
  return [fault('invalidValue', path, { value: text, rule: callingCodeRule(text) })];
}

function storeFaults(stores: Attributes[]): Fault[] {
  const faults: Fault[] = [];
  for (const [index, store] of stores.entries()) {
    const at = `stores[${index}]`;
    if (store.value === undefined) faults.push(fault('required', `${at}.value`, { rule: 'a store needs its ref id' }));
    faults.push(...storeCountryFaults(store.display, store.country, `${at}.country`));
  }
  return faults;
}

function unlinkedFaults(unlinked: Attributes): Fault[] {
  const faults: Fault[] = [];
  if (unlinked.storeName !== undefined) {
    faults.push(fault('required', 'storeRefId', { rule: 'a store with a name needs its ref id' }));
  }
  faults.push(...storeCountryFaults(unlinked.storeName, unlinked.storeCountry, 'storeCountry'));
  if (unlinked.userGroupType !== undefined) {
    faults.push(fault('required', 'userGroupName', { rule: 'a user group needs a name or an ID' }));
  }
  return faults;
}

/** Whether a fault is a reason to refuse a user. An unresolved manager is only listed in `missing[]`. */
export function isRefusable(entry: Fault): boolean {
  return entry.path !== 'manager';
}

/**
 * A key that distinguishes existing faults from new ones, independent of positions in lists: the rule and the invalid value, and for
 * a list the identity of the element.
 */
export function subjectOf({ code, path }: Fault, { data, stores, unlinkedValues }: UserCandidate): string {
  const [, list = '', index, name = ''] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
  if (index === undefined) {
    const value = textAt(data, path) ?? textAt(data, `mobietrain.${path}`) ?? textAt(unlinkedValues, path);
    return JSON.stringify([code, path, value]);
  }
  const elements = list === 'stores' ? stores : elementsAt(data, list);
  const element = elements[Number(index)];
  return JSON.stringify([code, list, element?.value ?? element, name, element?.[name]]);
}

/** The phone numbers of a user in E.164, for matching. */
export function phonesForMatching(data: Attributes): string[] {
  const numbers = new Set<string>();
  for (const phone of elementsAt(data, 'phoneNumbers')) {
    const number = typeof phone.value === 'string' ? toE164(phone.value) : undefined;
    if (number) numbers.add(number);
  }
  return [...numbers];
}
