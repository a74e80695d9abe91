// A person as the traces know them that they leave behind: by which values a row, a block or a text means them. Used where a person
// is erased from what was written down about them (GDPR article 17).

import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { toE164 } from '../schema/formats.ts';
import type { Attributes } from '../schema/schema.ts';

/** What a person is known by. Values of one e-mail, login name or External ID name nobody else. */
export interface KnownAs {
  /** Ids of users, of the one who is here or of one who was deleted. */
  ids?: readonly string[] | undefined;
  userNames?: readonly string[] | undefined;
  externalIds?: readonly string[] | undefined;
  emails?: readonly string[] | undefined;
  phones?: readonly string[] | undefined;
  names?: readonly { given: string; family: string }[] | undefined;
  /** Names as they are written in one. */
  wholeNames?: readonly string[] | undefined;
}

/** A row or block of a file as far as it says whom it means. */
export interface SaidIdentity {
  /** Login name, External ID, and e-mail where it is one; what is left out or empty says nothing. */
  identifiers: readonly string[];
  phone?: string;
  given?: string;
  family?: string;
  wholeName?: string;
}

export interface Person {
  readonly ids: readonly string[];
  readonly externalIds: readonly string[];
  readonly emails: readonly string[];
  /** Login names and External IDs, folded: what a reference to a manager may be. */
  readonly references: readonly string[];
  /** Texts of which one stands in whatever `isIn` is true for, as it may be spelled there; compare without case. */
  readonly signs: readonly string[];
  /** Whether a whole value is the person's login name, External ID or e-mail. */
  is(value: string): boolean;
  /** Whether a row means the person: by an identifier; by name or phone only where the row names nobody by an identifier. */
  isMeantBy(said: SaidIdentity): boolean;
  /** A quick look: false where no cell of a row can be the person's. */
  mayBeIn(row: string): boolean;
  /** Whether a text mentions the person: an identifier, or the whole name, as a word of its own. */
  isIn(text: string): boolean;
}

/** Shorter identifiers are found as whole values, and not in texts: "7" stands everywhere. */
const SIGN_CHARS_MIN = 3;
const WORD = '\\p{L}\\p{N}_@+';

/** What is known of a user who is here. */
export function knownAs(id: string, attributes: Attributes): KnownAs {
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

/** Two ways in which one person is known, as one. */
export function knownTogether(one: KnownAs, other: KnownAs): KnownAs {
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

/** Makes a person of what is known; empty values are left out. */
export function createPerson(known: KnownAs): Person {
  const userNames = present(known.userNames);
  const externalIds = present(known.externalIds);
  const emails = present(known.emails);
  const identifiers = new Set([...userNames, ...externalIds, ...emails].map(key));
  const phones = new Set(present(known.phones).map(phoneKey));
  const names = (known.names ?? []).filter(({ given, family }) => given.trim() !== '' && family.trim() !== '');
  const said = present(known.wholeNames).filter(isWhole).map(key);
  const wholeNames = new Set([...names.flatMap(spelled).map(key), ...said]);
  // Whatever way a name is written, its family name is in it.
  const families = names.map(({ family }) => key(family));
  const inTexts = [...identifiers, ...wholeNames].filter(isSign).flatMap(written);
  const pattern = inTexts.length === 0 ? undefined : wordsPattern(inTexts);
  const quoted = names.map(({ given, family }) => [given, family].map((name) => foldText(JSON.stringify(name.trim()))));
  const anywhere = [...identifiers, ...wholeNames, ...families].flatMap(written);
  const digits = [...phones].map((phone) => phone.replace(/[^0-9]/g, '')).filter((number) => number !== '');

  const isNamed = ({ given = '', family = '', wholeName = '' }: SaidIdentity): boolean =>
    wholeNames.has(key(wholeName)) ||
    names.some((name) => key(name.given) === key(given) && key(name.family) === key(family));

  return {
    ids: present(known.ids),
    externalIds,
    emails,
    references: [...new Set([...userNames, ...externalIds].map(key))],
    signs: [...new Set([...[...identifiers, ...said].filter(isSign), ...families].flatMap(written))],
    is: (value) => identifiers.has(key(value)),
    isMeantBy(said) {
      const stated = present(said.identifiers);
      if (stated.length > 0) return stated.some((value) => identifiers.has(key(value)));
      return isNamed(said) || (said.phone !== undefined && phones.has(phoneKey(said.phone)));
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
      // A name in its two parts, as JSON has them.
      return quoted.some((pair) => pair.every((name) => folded.includes(name)));
    },
  };
}

function isSign(text: string): boolean {
  return text.length >= SIGN_CHARS_MIN;
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

/** A single word that somebody is called is no name by which they could be told from others. */
function isWhole(name: string): boolean {
  return /\s/u.test(name.trim());
}

function spelled({ given, family }: { given: string; family: string }): string[] {
  return [`${given} ${family}`, `${family} ${given}`, `${family}, ${given}`, `${family},${given}`];
}

/** A text as it stands in JSON, in an address, in XML and in a quoted cell. */
function written(text: string): string[] {
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const json = JSON.stringify(text).slice(1, -1);
  const address = foldText(encodeURIComponent(text.replace(/\p{Cs}/gu, '')));
  return [...new Set([text, json, xml, address, address.replaceAll('%20', '+'), text.replaceAll('"', '""')])];
}

/** Finds texts as words of their own: `ann.lee` stands neither in `ann.lee2` nor in `ann.lee@example.com` or `mary-ann.lee`. */
function wordsPattern(texts: readonly string[]): RegExp {
  const any = [...new Set(texts)]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('|');
  return new RegExp(`(?<![${WORD}]|[${WORD}][.\\-])(?:${any})(?![${WORD}]|[.\\-][${WORD}])`, 'u');
}
