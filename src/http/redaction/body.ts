// Writes the redacted JSON text of a body piece by piece and stops at the maximum length, so that large bodies cost little.

import type { EventValue, RecordedFault } from '../../directory/event.ts';
import { type IdentityHash, maskedText } from '../../directory/identity-hash.ts';
import { HIDDEN, isId, isLikeToken } from './kept-text.ts';
import { ROOT, type TreatedKey, type Vocabulary } from './vocabulary.ts';

const BODY_CHARS_MAX = 16_384;
const TEXT_CHARS_MAX = 1_000;
const KEY_CHARS_MAX = 100;
const DEPTH_MAX = 64;
const VALUES_MAX = 500;
const IDENTITIES_MAX = 50;
const WORD = /^[A-Za-z_ -]{1,60}$/;
/** The attributes by which people look for a user. */
const IDENTITIES = new Set(['username', 'externalid', 'emails', 'email', 'phonenumbers']);

type Entries = Record<string, unknown>;

/** Writes the bodies of one request. A value that occurs several times is stored once. */
export class BodyWriter {
  readonly values: EventValue[] = [];
  readonly identities = new Set<string>();
  readonly #vocabulary: Vocabulary;
  readonly #hash: IdentityHash;
  readonly #indexes = new Map<string, number>();
  /** Texts that are in a body as they are. */
  readonly #plain = new Set<string>();
  #valueChars = 0;
  #out = '';

  constructor(vocabulary: Vocabulary, hash: IdentityHash) {
    this.#vocabulary = vocabulary;
    this.#hash = hash;
  }

  write(body: unknown): string {
    this.#out = '';
    this.#value(body, ROOT, 0);
    // A reference must not be cut in the middle.
    return this.#isFull ? `${this.#out.slice(0, BODY_CHARS_MAX).replace(/@\d*$/, '')}${HIDDEN}` : this.#out;
  }

  /** A sentence about the bodies so far. Of the texts that it quotes it refers to those that a body has: nothing more is stored. */
  sentence(text: string): Pick<RecordedFault, 'detail' | 'quoted'> {
    const { text: detail, quoted } = this.#vocabulary.sentence(text);
    const indexes = quoted.map((one) => this.#storedIndexOf(one));
    return indexes.some((index) => index >= 0) ? { detail, quoted: indexes } : { detail };
  }

  /** The place of a text that is stored with a body; -1 if it is not. */
  #storedIndexOf(text: string): number {
    const index = this.values.findIndex((value) => value.text === text);
    if (index >= 0 || !this.#plain.has(text)) return index;
    return this.#indexOf(text, text) ?? -1;
  }

  get #isFull(): boolean {
    return this.#out.length > BODY_CHARS_MAX;
  }

  #value(value: unknown, key: TreatedKey, depth: number, name?: string): void {
    if (this.#isFull) return;
    if (key.treatment === 'hidden' || key.treatment === 'secret' || depth > DEPTH_MAX) this.#hide();
    else if (typeof value === 'string') this.#text(value, key, name);
    else if (typeof value === 'number' && key.treatment === 'masked') this.#text(String(value), key, name);
    else if (typeof value !== 'object' || value === null) this.#out += JSON.stringify(value) ?? 'null';
    else if (value instanceof Date) this.#out += JSON.stringify(value);
    else if (Array.isArray(value)) this.#array(value, key, depth, name);
    else this.#object(value as Entries, key, depth);
  }

  #hide(): void {
    this.#out += JSON.stringify(HIDDEN);
  }

  #text(text: string, { name, treatment }: TreatedKey, fullName: string | undefined): void {
    if (IDENTITIES.has(name) && this.identities.size < IDENTITIES_MAX && text.trim() !== '')
      this.identities.add(this.#hash(text));
    // A text in no known place, such as the value of an operation without a path.
    if (name === '' || text.length > TEXT_CHARS_MAX) this.#hide();
    else if (treatment === 'masked') this.#out += JSON.stringify(maskedText(text));
    else if (treatment === 'expression') this.#out += JSON.stringify(this.#expression(text));
    else if (treatment === 'sentence') this.#out += JSON.stringify(this.#vocabulary.sentence(text).text);
    else if (treatment === 'schemas') this.#out += JSON.stringify(this.#vocabulary.isSchema(text) ? text : HIDDEN);
    else if (treatment === 'word') this.#out += JSON.stringify(WORD.test(text) ? text : HIDDEN);
    else if (treatment === 'address') this.#out += JSON.stringify(lastSegment(text));
    else if (treatment === 'personal' || text.includes('@')) this.#reference(text, fullName);
    else if (isLikeToken(text)) this.#hide();
    else {
      if (this.#plain.size < VALUES_MAX) this.#plain.add(text);
      this.#out += JSON.stringify(text);
    }
  }

  /** The path of an operation of a Bulk request is an address. */
  #expression(text: string): string {
    return text.startsWith('/') ? this.#vocabulary.address(text) : this.#vocabulary.expression(text);
  }

  /** Stores a value apart from the body. An id, a flag or an empty text is not personal data. */
  #reference(text: string, fullName: string | undefined): void {
    if (text === '' || isId(text)) this.#out += JSON.stringify(text);
    else {
      const index = this.#indexOf(text, fullName ?? text);
      this.#out += index === undefined ? JSON.stringify(HIDDEN) : `@${index}`;
    }
  }

  #indexOf(text: string, hashed: string): number | undefined {
    const same = `${hashed}\0${text}`;
    const known = this.#indexes.get(same);
    if (known !== undefined) return known;
    if (this.values.length >= VALUES_MAX || this.#valueChars + text.length > BODY_CHARS_MAX || isLikeToken(text))
      return undefined;
    this.#valueChars += text.length;
    this.#indexes.set(same, this.values.length);
    return this.values.push({ hash: this.#hash(hashed), text }) - 1;
  }

  #array(list: readonly unknown[], key: TreatedKey, depth: number, name: string | undefined): void {
    this.#out += '[';
    for (const [index, element] of list.entries()) {
      if (this.#isFull) return;
      if (index > 0) this.#out += ',';
      this.#value(element, key, depth + 1, name);
    }
    this.#out += ']';
  }

  #object(object: Entries, parent: TreatedKey, depth: number): void {
    // In a PATCH operation, `path` names the attribute of `value`.
    const target = this.#targetOf(object);
    const name = fullNameOf(object);
    if (name !== undefined && this.identities.size < IDENTITIES_MAX) this.identities.add(this.#hash(name));
    this.#out += '{';
    let separator = '';
    for (const key of Object.keys(object)) {
      if (this.#isFull) return;
      const isValue = target !== undefined && key.toLowerCase() === 'value';
      const treated = isValue ? target : this.#vocabulary.key(key, parent);
      this.#out += separator;
      this.#key(key, treated);
      separator = ',';
      this.#value(object[key], treated, depth + 1, isPartOfName(key) ? name : undefined);
    }
    this.#out += '}';
  }

  /** An unknown key may be anything, so it is stored like a personal value. */
  #key(key: string, { treatment }: TreatedKey): void {
    if (treatment !== 'hidden') this.#out += JSON.stringify(key);
    else if (key.length > KEY_CHARS_MAX) this.#hide();
    else this.#reference(key, undefined);
    this.#out += ':';
  }

  #targetOf(object: Entries): TreatedKey | undefined {
    let isOperation = false;
    for (const key of Object.keys(object)) {
      const lower = key.toLowerCase();
      if (lower === 'op') isOperation = true;
      const path = lower === 'path' ? object[key] : undefined;
      if (typeof path === 'string' && !path.startsWith('/')) return this.#vocabulary.pathTarget(path);
    }
    return isOperation ? ROOT : undefined;
  }
}

/** The given and the family name in one text, if an object has both. Each alone is shared by many people. */
function fullNameOf(object: Entries): string | undefined {
  let given: unknown;
  let family: unknown;
  for (const key of Object.keys(object)) {
    const lower = key.toLowerCase();
    if (lower === 'givenname') given = object[key];
    else if (lower === 'familyname') family = object[key];
  }
  return typeof given === 'string' && typeof family === 'string' ? `${given} ${family}` : undefined;
}

function isPartOfName(key: string): boolean {
  const lower = key.toLowerCase();
  return lower === 'givenname' || lower === 'familyname';
}

/** Of an address, the id that it ends with. */
function lastSegment(address: string): string {
  const [end = ''] = address.split('/').slice(-1);
  return isId(end) ? `${HIDDEN}/${end}` : HIDDEN;
}
