// Recognizes a person in files, events and results by identifiers and names, so that the person can be erased from them (GDPR
// article 17).

import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { toE164 } from '../schema/formats.ts';
import type { Attributes } from '../schema/schema.ts';

/** The values that identify a person. No e-mail, login name or External ID of another user may be among them. */
export interface PersonIdentifiers {
  /** Ids of users, current or deleted. */
  ids?: readonly string[] | undefined;
  userNames?: readonly string[] | undefined;
  externalIds?: readonly string[] | undefined;
  emails?: readonly string[] | undefined;
  phones?: readonly string[] | undefined;
  names?: readonly { given: string; family: string }[] | undefined;
  /** Full names in one text. */
  wholeNames?: readonly string[] | undefined;
}

/** The values by which a row or block of a file identifies a user. */
export interface RowIdentity {
  /** Login name, External ID, and the e-mail if it is valid. Empty values are ignored. */
  identifiers: readonly string[];
  phone?: string;
  given?: string;
  family?: string;
  wholeName?: string;
}

/** Finds a person in rows and texts. */
export interface Person {
  readonly ids: readonly string[];
  readonly externalIds: readonly string[];
  readonly emails: readonly string[];
  /** Login names and External IDs, folded, by which a manager can be referenced. */
  readonly references: readonly string[];
  /** Every text for which `isIn` is true contains one of these, ignoring case. */
  readonly searchTexts: readonly string[];
  /** Whether a whole value is the person's login name, External ID or e-mail. */
  is(value: string): boolean;
  /** Whether a row is about the person: by an identifier; by name or phone only if the row has no identifier. */
  isMeantBy(row: RowIdentity): boolean;
  /** A quick check: false if no cell of a row can belong to the person. */
  mayBeIn(row: string): boolean;
  /** Whether a text contains an identifier or the full name of the person as separate words. */
  isIn(text: string): boolean;
}

/** Shorter identifiers are compared as whole values only, since a text such as "7" is too common. */
const SEARCHABLE_CHARS_MIN = 3;
const WORD = '\\p{L}\\p{N}_@+';

/** The identifiers of an existing user. */
export function identifiersOf(id: string, attributes: Attributes): PersonIdentifiers {
  const text = (key: string) => textAt(attributes, key) ?? '';
  const values = (key: string) =>
    elementsAt(attributes, key).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return {
    ids: [id],
    userNames: [text('userName')],
    externalIds: [text('externalId')],
    emails: values('emails'),
    phones: values('phoneNumbers'),
    names: [{ given: text('name.givenName'), family: text('name.familyName') }],
    wholeNames: [text('displayName'), text('name.formatted')],
  };
}

/** Merges two sets of identifiers of one person. */
export function mergedIdentifiers(one: PersonIdentifiers, other: PersonIdentifiers): PersonIdentifiers {
  const both = <T>(a: readonly T[] = [], b: readonly T[] = []): T[] => [...a, ...b];
  return {
    ids: both(one.ids, other.ids),
    userNames: both(one.userNames, other.userNames),
    externalIds: both(one.externalIds, other.externalIds),
    emails: both(one.emails, other.emails),
    phones: both(one.phones, other.phones),
    names: both(one.names, other.names),
    wholeNames: both(one.wholeNames, other.wholeNames),
  };
}

/** Creates a person from identifiers. Empty values are ignored. */
export function createPerson(identified: PersonIdentifiers): Person {
  const userNames = present(identified.userNames);
  const externalIds = present(identified.externalIds);
  const emails = present(identified.emails);
  const identifiers = new Set([...userNames, ...externalIds, ...emails].map(key));
  const phones = new Set(present(identified.phones).map(phoneKey));
  const names = (identified.names ?? []).filter(({ given, family }) => given.trim() !== '' && family.trim() !== '');
  const stated = present(identified.wholeNames).filter(isWhole).map(key);
  const wholeNames = new Set([...names.flatMap(spelled).map(key), ...stated]);
  // Every form of a name contains the family name.
  const families = names.map(({ family }) => key(family));
  const inTexts = [...identifiers, ...wholeNames].filter(isSearchable).flatMap(written);
  const pattern = inTexts.length === 0 ? undefined : wordsPattern(inTexts);
  const quoted = names.map(({ given, family }) => [given, family].map((name) => foldText(JSON.stringify(name.trim()))));
  const anywhere = [...identifiers, ...wholeNames, ...families].flatMap(written);
  const digits = [...phones].map((phone) => phone.replace(/[^0-9]/g, '')).filter((number) => number !== '');

  const isNamed = ({ given = '', family = '', wholeName = '' }: RowIdentity): boolean =>
    wholeNames.has(key(wholeName)) ||
    names.some((name) => key(name.given) === key(given) && key(name.family) === key(family));

  return {
    ids: present(identified.ids),
    externalIds,
    emails,
    references: [...new Set([...userNames, ...externalIds].map(key))],
    searchTexts: [...new Set([...[...identifiers, ...stated].filter(isSearchable), ...families].flatMap(written))],
    is: (value) => identifiers.has(key(value)),
    isMeantBy(row) {
      const own = present(row.identifiers);
      if (own.length > 0) return own.some((value) => identifiers.has(key(value)));
      return isNamed(row) || (row.phone !== undefined && phones.has(phoneKey(row.phone)));
    },
    mayBeIn(row) {
      const folded = foldText(row);
      if (anywhere.some((text) => folded.includes(text))) return true;
      if (digits.length === 0) return false;
      const inRow = row.replace(/[^0-9]/g, '');
      return digits.some((number) => inRow.includes(number));
    },
    isIn(text) {
      const folded = foldText(text);
      if (pattern?.test(folded)) return true;
      // The parts of a name as separate JSON strings.
      return quoted.some((pair) => pair.every((name) => folded.includes(name)));
    },
  };
}

function isSearchable(text: string): boolean {
  return text.length >= SEARCHABLE_CHARS_MIN;
}

function present(values: readonly string[] = []): string[] {
  return [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))];
}

function key(value: string): string {
  return foldText(value.trim()).replace(/\s+/gu, ' ');
}

function phoneKey(value: string): string {
  return toE164(value.trim()) ?? value.replace(/[^0-9+]/g, '');
}

/** Whether a name has at least two words; one word does not identify a person. */
function isWhole(name: string): boolean {
  return /\s/u.test(name.trim());
}

function spelled({ given, family }: { given: string; family: string }): string[] {
  return [`${given} ${family}`, `${family} ${given}`, `${family}, ${given}`, `${family},${given}`];
}

/** The forms of a text in JSON, in a URL, in XML and in a quoted cell. */
function written(text: string): string[] {
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const json = JSON.stringify(text).slice(1, -1);
  const address = foldText(encodeURIComponent(text.replace(/\p{Cs}/gu, '')));
  return [...new Set([text, json, xml, address, address.replaceAll('%20', '+'), text.replaceAll('"', '""')])];
}

/** Finds texts as separate words: `ann.lee` is not found in `ann.lee2`, `ann.lee@example.com` or `mary-ann.lee`. */
function wordsPattern(texts: readonly string[]): RegExp {
  const any = [...new Set(texts)]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('|');
  return new RegExp(`(?<![${WORD}]|[${WORD}][.\\-])(?:${any})(?![${WORD}]|[.\\-][${WORD}])`, 'u');
}
