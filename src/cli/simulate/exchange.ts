// Exchanges: what a client of SCIM sends in one situation, as steps with the answers that it expects. They are the files of
// assets/clients/, each with its public source; tests replay all of them, `simulate` those that any server must pass.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config.ts';
import { at } from './pointer.ts';

/** One request with the answer that the client expects. */
export interface Step {
  say: string;
  /** What the client does with the answer, in sentences. */
  because?: string;
  /** Only our server is held to this step: `simulate` leaves it out. */
  own?: boolean;
  /** Method and path. */
  send: string;
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
  /** Asked again for some seconds: the server does this off the request path. */
  eventually?: boolean;
  expect: { status: number[]; see?: Record<string, unknown> };
  /** The client goes on if this step is answered otherwise; or only if these pointers or statuses are. */
  goesOn?: true | string[];
  /** Names and the pointers of their values. */
  keep?: Record<string, string>;
}

/** What a client sends in one situation. */
export interface Exchange {
  name: string;
  client: string;
  about: string;
  /** The public document that describes it. */
  source: string;
  /** The place in `simulate`; absent if it is not replayed there. */
  simulated?: number;
  steps: Step[];
}

/** What is checked of an answer. */
export interface JudgedAnswer {
  status: number;
  mediaType: string;
  text: string;
  /** The parsed body; undefined if it is not JSON. */
  body: unknown;
}

/** One way in which an answer differs from what is expected. `at` is `status`, `body` or a pointer. */
export interface Difference {
  at: string;
  words: string;
  /** The client goes on all the same. */
  goesOn: boolean;
}

const FOLDER = join(packageRoot, 'assets', 'clients');
const OWN_EXTENSION = 'extension:mobietrain:';
const SHOWN_CHARS_MAX = 160;

/** All exchanges, by the name of their file. */
export function loadExchanges(): Exchange[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Exchange);
}

/** A name in an exchange for which no step kept a value. */
export class UnknownName extends Error {
  constructor(name: string) {
    super(`no step kept "${name}"`);
    this.name = 'UnknownName';
  }
}

/** A copy with every `<name>` replaced. @throws UnknownName */
export function filled<T>(value: T, names: ReadonlyMap<string, string>): T {
  return filledValue(value, names) as T;
}

function filledValue(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replace(/<(\w+)>/g, (_all, name: string) => {
      const known = names.get(name);
      if (known === undefined) throw new UnknownName(name);
      return known;
    });
  }
  if (Array.isArray(value)) return value.map((element) => filledValue(element, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [filledValue(key, names) as string, filledValue(inner, names)]),
  );
}

/** The names whose values the answer to a step has. */
export function keptNames(step: Step, { body }: Pick<JudgedAnswer, 'body'>): [string, string][] {
  return Object.entries(step.keep ?? {}).flatMap(([name, pointer]): [string, string][] => {
    const value = at(body, pointer);
    return typeof value === 'string' && value !== '' ? [[name, value]] : [];
  });
}

/** How an answer differs from what a step expects. `own`: also in what only our server is held to. */
export function differencesOf(step: Step, answer: JudgedAnswer, { own }: { own: boolean }): Difference[] {
  const { status: statuses, see = {} } = step.expect;
  const goesOn = (key: string) => step.goesOn === true || (step.goesOn ?? []).includes(key);
  if (!statuses.includes(answer.status)) {
    const words = `it answers ${answer.status}, expected ${statuses.join(' or ')}${detailOf(answer)}`;
    return [{ at: 'status', words, goesOn: goesOn(String(answer.status)) }];
  }
  // A client that does not look into the answer needs no body, as after 204.
  const looked = Object.entries(see).filter((entry) => own || !JSON.stringify(entry).includes(OWN_EXTENSION));
  if (answer.body === undefined && looked.length > 0)
    return [{ at: 'body', words: `the body is not JSON${detailOf(answer)}`, goesOn: goesOn('body') }];
  const differences = looked.flatMap(([pointer, wanted]) => {
    const words = mismatch(at(answer.body, pointer), wanted);
    return words === undefined ? [] : [{ at: pointer, words: `${pointer} ${words}`, goesOn: goesOn(pointer) }];
  });
  if (answer.text !== '' && !answer.mediaType.startsWith('application/scim+json'))
    differences.push({
      at: 'media type',
      words: `the media type is ${answer.mediaType || 'not stated'}, expected application/scim+json (RFC 7644 §3.1)`,
      goesOn: true,
    });
  return differences;
}

function detailOf({ body, text }: JudgedAnswer): string {
  const detail = at(body, '/detail');
  const said = typeof detail === 'string' ? detail : text.trim();
  if (said === '') return '';
  return ` ("${shortened(said.replace(/\s+/g, ' '))}")`;
}

/** Why a value is not what is wanted; undefined if it is. An object with one key says how to look, all else is the value itself. */
function mismatch(value: unknown, wanted: unknown): string | undefined {
  const isWay = typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted);
  const [way, than] = isWay ? (Object.entries(wanted)[0] as [string, unknown]) : ['equals', wanted];
  const look = WAYS[way];
  if (!look) throw new Error(`an exchange looks in an unknown way: "${way}"`);
  if (look(value, than)) return undefined;
  const expected = way === 'equals' ? shown(than) : `${WORDS[way] ?? way}${than === true ? '' : ` ${shown(than)}`}`;
  return `is ${value === undefined ? 'absent' : shown(value)}, expected ${expected}`;
}

const WAYS: Readonly<Record<string, (value: unknown, than: unknown) => boolean>> = {
  equals: (value, than) => JSON.stringify(value) === JSON.stringify(than),
  absent: (value) => value === undefined,
  present: (value) => value !== undefined && value !== null && value !== '',
  unassigned: (value) =>
    value === undefined ||
    value === null ||
    ((typeof value === 'string' || Array.isArray(value)) && value.length === 0),
  integer: (value) => Number.isInteger(value),
  length: (value, than) => Array.isArray(value) && value.length === than,
  includes: (value, than) =>
    Array.isArray(value) ? value.includes(than) : typeof value === 'string' && value.includes(String(than)),
  set: (value, than) =>
    Array.isArray(value) && JSON.stringify([...value].sort()) === JSON.stringify([...(than as unknown[])].sort()),
};

const WORDS: Readonly<Record<string, string>> = {
  absent: 'no value at all',
  present: 'a value',
  unassigned: 'no value',
  integer: 'a whole number',
  length: 'a list of the length',
  includes: 'it to include',
  set: 'exactly',
};

function shown(value: unknown): string {
  return shortened(JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}
