// Recognizes a person in files, events and results by identifiers and names, so that the person can be erased from them (GDPR
// article 17).

import type { IdentityHash } from '../identity-hash.ts';
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
  readonly userNames: readonly string[];
  readonly externalIds: readonly string[];
  readonly emails: readonly string[];
  /** The hashes of everything by which the person is or was known. */
  readonly hashes: ReadonlySet<string>;
  /** Login names and External IDs, folded, by which a manager can be referenced. */
  readonly references: readonly string[];
  /** Every text for which `isIn` is true because of a readable value contains one of these, ignoring case. */
  readonly searchTexts: readonly string[];
  /** Whether a whole value is the person's login name, External ID or e-mail. */
  is(value: string): boolean;
  /** Whether a row is about the person: by an identifier; by name or phone only if the row has no identifier. */
  isMeantBy(row: RowIdentity): boolean;
  /** A quick check: false if no cell of a row can belong to the person. */
  mayBeIn(row: string): boolean;
  /** Whether a text contains an identifier or the full name of the person as separate words. */
  isIn(text: string): boolean;
  /** The text with `…` instead of every identifier and full name of the person. */
  without(text: string): string;
  /** Whether the name of a file contains an identifier or the full name, whatever separates its words. */
  isInName(fileName: string): boolean;
}

/** What is known of a person besides readable values. */
export interface PersonKnowledge {
  hash: IdentityHash;
  /** Hashes of values that are no longer stored: of former identities, or of a deleted user. */
  known: Iterable<string>;
  /** Words that texts contain for other reasons, in lower case; an identifier among them is found as a whole value only. */
  commonWords: ReadonlySet<string>;
}

/** Shorter identifiers are compared as whole values only, since a text such as "7" is too common. */
const SEARCHABLE_CHARS_MIN = 3;
const HIDDEN = '…';
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

/** The values of which events, tombstones and users keep hashes. A family name alone is none, since many people share it. */
export function identityValues(identified: PersonIdentifiers): string[] {
  const names = (identified.names ?? []).filter(isComplete);
  return [
    ...present(identified.userNames),
    ...present(identified.externalIds),
    ...present(identified.emails),
    ...present(identified.phones),
    ...names.flatMap(({ given, family }) => [`${given} ${family}`, `${family} ${given}`]),
    ...present(identified.wholeNames).filter(isWhole),
  ];
}

/** Creates a person from identifiers. Empty values are ignored. */
export function createPerson(identified: PersonIdentifiers, knowledge?: PersonKnowledge): Person {
  const userNames = present(identified.userNames);
  const externalIds = present(identified.externalIds);
  const emails = present(identified.emails);
  const identifiers = new Set([...userNames, ...externalIds, ...emails].map(key));
  const phones = new Set(present(identified.phones).map(phoneKey));
  const names = (identified.names ?? []).filter(isComplete);
  const stated = present(identified.wholeNames).filter(isWhole).map(key);
  const wholeNames = new Set([...names.flatMap(spelled).map(key), ...stated]);
  // Every form of a name contains the family name.
  const families = names.map(({ family }) => key(family));
  const isSearched = (text: string) => isSearchable(text) && !(knowledge?.commonWords.has(text) ?? false);
  const inTexts = [...identifiers, ...wholeNames].filter(isSearched).flatMap(written);
  const quoted = names.map(({ given, family }) => [given, family].map((name) => foldText(JSON.stringify(name.trim()))));
  const anywhere = [...identifiers, ...wholeNames, ...families].flatMap(written);
  const matcher = textMatcher(inTexts);
  const hashed = hashMatcher(knowledge);

  const isNamed = ({ given = '', family = '', wholeName = '' }: RowIdentity): boolean =>
    wholeNames.has(key(wholeName)) ||
    names.some((name) => key(name.given) === key(given) && key(name.family) === key(family)) ||
    (isWhole(wholeName) && hashed.is(wholeName)) ||
    (isComplete({ given, family }) && hashed.is(`${given} ${family}`));
  const is = (value: string): boolean => identifiers.has(key(value)) || hashed.is(value);

  return {
    ids: present(identified.ids),
    userNames,
    externalIds,
    emails,
    hashes: new Set([...hashed.known, ...(knowledge ? identityValues(identified).map(knowledge.hash) : [])]),
    references: [...new Set([...userNames, ...externalIds].map(key))],
    searchTexts: [...new Set([...[...identifiers, ...stated].filter(isSearched), ...families].flatMap(written))],
    is,
    isMeantBy(row) {
      const own = present(row.identifiers);
      if (own.length > 0) return own.some(is);
      if (isNamed(row)) return true;
      return row.phone !== undefined && (phones.has(phoneKey(row.phone)) || hashed.is(row.phone));
    },
    // Which text a hash belongs to is seen only in the cells.
    mayBeIn: hashed.known.size > 0 ? () => true : rowCheck(anywhere, phones),
    isIn(text) {
      const folded = foldText(text);
      if (matcher.isIn(folded)) return true;
      // The parts of a name as separate JSON strings.
      if (quoted.some((pair) => pair.every((name) => folded.includes(name)))) return true;
      return hashed.mentions(text).length > 0;
    },
    without(text) {
      let rest = matcher.without(text);
      for (const mention of hashed.mentions(rest)) rest = rest.replaceAll(mention, HIDDEN);
      return rest;
    },
    isInName(fileName) {
      const words = wordsOfName(fileName);
      const isInWords = (text: string) => words.includes(` ${separated(key(text))} `);
      if ([...identifiers, ...wholeNames].filter(isSearched).some(isInWords)) return true;
      if (names.some(({ given, family }) => isInWords(given) && isInWords(family))) return true;
      return ['_', '-', ' '].some(
        (separator) => hashed.mentions(fileStem(fileName).split(separator).join(' ')).length > 0,
      );
    },
  };
}

/** Whether a row contains one of these texts, or the digits of one of these phone numbers, whatever is between them. */
function rowCheck(texts: readonly string[], phones: Iterable<string>): (row: string) => boolean {
  const digits = [...phones].map((phone) => phone.replace(/[^0-9]/g, '')).filter((number) => number !== '');
  return (row) => {
    const folded = foldText(row);
    if (texts.some((text) => folded.includes(text))) return true;
    if (digits.length === 0) return false;
    const inRow = row.replace(/[^0-9]/g, '');
    return digits.some((number) => inRow.includes(number));
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

function isComplete({ given, family }: { given: string; family: string }): boolean {
  return given.trim() !== '' && family.trim() !== '';
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
function textMatcher(texts: readonly string[]) {
  if (texts.length === 0) return { isIn: () => false, without: (text: string) => text };
  const alternatives = (forms: readonly string[]) =>
    [...new Set(forms)]
      .sort((a, b) => b.length - a.length)
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('|');
  const words = (forms: readonly string[], flags: string) =>
    new RegExp(`(?<![${WORD}]|[${WORD}][.\\-])(?:${alternatives(forms)})(?![${WORD}]|[.\\-][${WORD}])`, flags);
  const pattern = words(texts, 'u');
  // A text that is changed keeps its Unicode form.
  const replaced = words([...texts, ...texts.map((text) => text.normalize('NFD'))], 'giu');
  return {
    isIn: (folded: string) => pattern.test(folded),
    without: (text: string) => text.replace(replaced, HIDDEN),
  };
}

const TOKEN = /\+[\d\s()./-]{6,40}|[\p{L}\p{N}_@+.'-]+/gu;
const TOKENS_MAX = 20_000;
/** The most words of a name that is found by its hash. */
const NAME_WORDS_MAX = 4;

/** Finds values of which only hashes are known. */
function hashMatcher(knowledge: PersonKnowledge | undefined) {
  const known = new Set(knowledge?.known ?? []);
  if (!knowledge || known.size === 0) return { known, is: () => false, mentions: () => [] };
  const is = (value: string): boolean => value.trim() !== '' && known.has(knowledge.hash(value));
  return {
    known,
    is,
    /** The parts of a text that are a known value: one word or several in a row. */
    mentions(text: string): string[] {
      const tokens = [...text.matchAll(TOKEN)].slice(0, TOKENS_MAX).map((match) => {
        const word = match[0].replace(/[\s.'-]+$/u, '');
        return { from: match.index, to: match.index + word.length };
      });
      const found = new Set<string>();
      for (const [at, { from }] of tokens.entries()) {
        for (const { to } of tokens.slice(at, at + NAME_WORDS_MAX)) {
          const part = text.slice(from, to);
          if (!knowledge.commonWords.has(foldText(part)) && is(part)) found.add(part);
        }
      }
      return [...found].sort((a, b) => b.length - a.length);
    },
  };
}

function fileStem(fileName: string): string {
  return fileName.replace(/(?:\.(?:csv|txt|xml|part|result))+$/i, '');
}

function separated(text: string): string {
  return text.replace(/[_.\s-]+/gu, ' ').trim();
}

/** The words of a file's name, folded, each between blanks. */
function wordsOfName(fileName: string): string {
  return ` ${separated(foldText(fileStem(fileName)))} `;
}
