// Redacts recorded requests: secrets are removed, external IDs are masked wherever they occur, JSON text is cut at 16 KB.

import { createHash } from 'node:crypto';
import type { PersonalDataClass, SchemaCatalogue } from '../directory/schema/catalogue.ts';

/** Attribute names from scim-schemas/personal-data.json, compared ignoring case. */
export interface RedactionRules {
  secret: readonly string[];
  masked: readonly string[];
}

/** The redaction rules in scim-schemas/. */
export function redactionRulesOf({ personalData }: Pick<SchemaCatalogue, 'personalData'>): RedactionRules {
  const namesOf = (wanted: PersonalDataClass) => {
    const all = [...personalData.User, ...personalData.Group].filter((datum) => datum.class === wanted);
    return [...new Set(all.map((datum) => datum.attribute.name))];
  };
  return { secret: namesOf('secret'), masked: namesOf('masked') };
}

/** Redacts values before they are stored. */
export interface Redactor {
  /** The redacted JSON text of a value, at most 16 KB; a longer text is cut and ends with `…`. */
  body(value: unknown): string;
  /** A path with its query, at most 2,000 characters. */
  url(url: string): string;
  /** A text without tokens and without literals of masked attributes, at most 2,000 characters. */
  text(text: string): string;
}

const BODY_CHARS_MAX = 16_384;
const TEXT_CHARS_MAX = 2_000;
const DEPTH_MAX = 64;
const REMOVED = '[removed]';
const TOKEN = /mb([tp])_[A-Za-z0-9_-]+/g;

/** Masks a value that may be searched for but not read: keeps its first two characters. */
export function mask(value: string): string {
  return `${Array.from(value.slice(0, 4)).slice(0, 2).join('')}…`;
}

/** The hash by which a masked value can be found: the SHA-256 of the account and the value, in hex. */
export function searchHash(account: string, value: string): string {
  return createHash('sha256').update(`${account}\0${value}`).digest('hex');
}

type Treatment = 'secret' | 'masked' | undefined;

/** Creates a redactor with these rules. */
export function createRedactor(rules: RedactionRules): Redactor {
  const treatments = new Map<string, Treatment>([
    ...rules.masked.map((name): [string, Treatment] => [name.toLowerCase(), 'masked']),
    ...[...rules.secret, 'token', 'access_token', 'authorization', 'csrfToken', 'currentPassword'].map(
      (name): [string, Treatment] => [name.toLowerCase(), 'secret'],
    ),
  ]);
  /** The treatment of an attribute path or key, by the name after the last colon. */
  const treatmentOf = (key: string): Treatment => {
    if (key.length > 300) return undefined;
    const name = key.slice(key.lastIndexOf(':') + 1);
    return treatments.get(name.toLowerCase());
  };
  // In a filter: `externalId eq "literal"`, also after a URN. Every part is bounded, so that the search takes linear time.
  const names = rules.masked.map((name) => name.replace(/[^A-Za-z0-9_]/g, '')).join('|');
  const literal = new RegExp(`((?:${names})\\s{1,10}[a-z]{2}\\s{1,10})"((?:[^"\\\\]|\\\\.){0,8192})"`, 'gi');

  const text = (given: string): string => {
    const bounded = given.length > TEXT_CHARS_MAX ? `${given.slice(0, TEXT_CHARS_MAX)}…` : given;
    return masked(bounded);
  };
  const masked = (given: string): string =>
    given.replace(TOKEN, 'mb$1_…').replace(literal, (_all, head: string, value: string) => `${head}"${mask(value)}"`);

  const url = (given: string): string => {
    const queryStart = given.indexOf('?');
    if (queryStart < 0) return text(given);
    const pairs = given
      .slice(queryStart + 1)
      .split('&', 50)
      .map((pair) => {
        const at = pair.indexOf('=');
        const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
        if (treatmentOf(name) === 'secret') return `${name}=${REMOVED}`;
        return at < 0 ? masked(name) : `${name}=${masked(decoded(value))}`;
      });
    return text(`${given.slice(0, queryStart)}?${pairs.join('&')}`);
  };

  return { text, url, body: (value) => new BodyWriter(treatmentOf, masked).write(value) };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/** Writes JSON piece by piece and stops at the maximum length, so that large values cost little. */
class BodyWriter {
  readonly #treatmentOf: (key: string) => Treatment;
  readonly #text: (text: string) => string;
  #out = '';

  constructor(treatmentOf: (key: string) => Treatment, text: (text: string) => string) {
    this.#treatmentOf = treatmentOf;
    this.#text = text;
  }

  write(value: unknown): string {
    this.#value(value, undefined, 0);
    return this.#out.length > BODY_CHARS_MAX ? `${this.#out.slice(0, BODY_CHARS_MAX)}…` : this.#out;
  }

  get #isFull(): boolean {
    return this.#out.length > BODY_CHARS_MAX;
  }

  #value(value: unknown, treatment: Treatment, depth: number): void {
    if (this.#isFull) return;
    if (treatment === 'secret') this.#out += JSON.stringify(REMOVED);
    else if (typeof value === 'string') this.#out += JSON.stringify(this.#string(value, treatment));
    else if (typeof value !== 'object' || value === null) {
      const isMaskedNumber = treatment === 'masked' && typeof value === 'number';
      this.#out += isMaskedNumber ? JSON.stringify(mask(String(value))) : (JSON.stringify(value) ?? 'null');
    } else if (value instanceof Date) this.#out += JSON.stringify(value);
    else if (depth > DEPTH_MAX) this.#out += JSON.stringify('…');
    else if (Array.isArray(value)) this.#array(value, treatment, depth);
    else this.#object(value as Record<string, unknown>, treatment, depth);
  }

  #string(value: string, treatment: Treatment): string {
    if (treatment === 'masked') return mask(value);
    return this.#text(value.length > BODY_CHARS_MAX ? value.slice(0, BODY_CHARS_MAX) : value);
  }

  #array(list: readonly unknown[], treatment: Treatment, depth: number): void {
    this.#out += '[';
    for (const [index, element] of list.entries()) {
      if (this.#isFull) return;
      if (index > 0) this.#out += ',';
      this.#value(element, treatment, depth + 1);
    }
    this.#out += ']';
  }

  #object(object: Record<string, unknown>, treatment: Treatment, depth: number): void {
    // In a PATCH operation, `path` names the attribute of `value`.
    const ofPath = operationTreatment(object, this.#treatmentOf);
    this.#out += '{';
    let separator = '';
    for (const key of Object.keys(object)) {
      if (this.#isFull) return;
      this.#out += `${separator}${JSON.stringify(this.#text(key.slice(0, TEXT_CHARS_MAX)))}:`;
      separator = ',';
      const isValue = ofPath !== undefined && key.toLowerCase() === 'value';
      this.#value(object[key], treatment ?? (isValue ? ofPath : this.#treatmentOf(key)), depth + 1);
    }
    this.#out += '}';
  }
}

function operationTreatment(object: Record<string, unknown>, treatmentOf: (key: string) => Treatment): Treatment {
  for (const key of Object.keys(object)) {
    const path = key.toLowerCase() === 'path' ? object[key] : undefined;
    if (typeof path === 'string') return treatmentOf(path.trim());
  }
  return undefined;
}
