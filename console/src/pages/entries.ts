// Entries of the history as the API answers them, and how they are read.

import { useQuery } from '@tanstack/react-query';
import { useLocaleState } from 'react-admin';
import { call, callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';

/** What an id stands for. Without a name and a number, it is gone. */
export type Named = Schemas['NamedReference'];
export type RequestEntry = Schemas['Event'];
export type ChangeEntry = Schemas['Change'];

/** A line of the history. */
export type Entry = Schemas['HistoryEntry'];

/** A row of a file, or a block of a batch, with its run. */
export type RowEntry = Schemas['ImportRow'] & { run: Pick<Schemas['Import'], 'id' | 'fileName'> };

/** Who it was. */
export const actorOf = (actor: Schemas['RequestActor'] | undefined) => actor?.name ?? actor?.id ?? '';

/** The reasons of a refusal. */
export const reasonOf = ({ faults = [] }: Pick<RequestEntry, 'faults'>) =>
  faults.map(({ detail }) => (/[.!?]$/.test(detail) ? detail : `${detail}.`)).join(' ');

/** The latest change of an attribute, such as the one that made a user inactive. */
export function changeOf(entries: readonly Entry[], attribute: string): ChangeEntry | undefined {
  return entries
    .flatMap(({ change }) => change ?? [])
    .find(
      ({ attributes = [], values = [] }) =>
        attributes.includes(attribute) || values.some((one) => one.attribute === attribute),
    );
}

/** A resource as people know it: the name with the number, or the id with a word that it is gone. */
export function namedWords({ id, name, number }: Named, gone: string): string {
  if (name === undefined && number === undefined) return `${id} (${gone})`;
  return name !== undefined && number !== undefined ? `${name} (${number})` : (name ?? number ?? '');
}

/** A value of a change as people read it: without the signs of JSON, and with names in the place of ids. */
export function valueWords(text: string | undefined, refers: readonly Named[], gone: string): string {
  if (text === undefined) return '–';
  const known = new Map(refers.map((one) => [one.id, one]));
  const plain = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(plain).join(', ');
    if (typeof value === 'object' && value !== null) return wordsOfObject(value, plain);
    const found = known.get(String(value));
    return found ? namedWords(found, gone) : String(value);
  };
  try {
    return plain(JSON.parse(text));
  } catch {
    // It was cut.
    return refers.reduce((shown, one) => shown.replaceAll(one.id, namedWords(one, gone)), text);
  }
}

/** An e-mail or a phone number by its value and type; other values by all that they have. */
function wordsOfObject(value: object, plain: (value: unknown) => string): string {
  const { value: own, type, ...rest } = value as Record<string, unknown>;
  if (own !== undefined) return type === undefined ? plain(own) : `${plain(own)} (${plain(type)})`;
  return Object.values({ ...rest, ...(type === undefined ? {} : { type }) })
    .map(plain)
    .join(' ');
}

type Language = Schemas['Invitation']['language'];
type Remedy = Schemas['Remedy'];

/** Finds the cause of a code, what to do, and the section about it on the troubleshooting page; undefined until they are loaded. */
export function useRemedies(): ((code: string) => Remedy | undefined) | undefined {
  const [locale] = useLocaleState();
  const { data } = useQuery({
    queryKey: ['remedies', locale],
    queryFn: async () => {
      const { items } = (await call('get', '/remedies', { query: { language: locale as Language } })).json;
      return new Map(items.map((remedy) => [remedy.code, remedy]));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data && ((code) => data.get(code) ?? data.get('unknown'));
}

const ROW = /^\/imports\/([^/]+)\/rows\/(\d+)$/;

/** The run and the number of the row that a request was; undefined if it was none. */
export function rowOf(entry: RequestEntry | undefined): { run: string; number: number } | undefined {
  const [, run, number] = ROW.exec(entry?.path ?? '') ?? [];
  return run === undefined ? undefined : { run, number: Number(number) };
}

/** The page of an import that begins with a row. */
export const rowPage = (run: string, number: number) => `/imports/${encodeURIComponent(run)}/show?row=${number}`;

/** Reads the row of a file that a request was; undefined if it was none, or until it is read, or if it is not kept any more. */
export function useRow(entry: RequestEntry | undefined): RowEntry | undefined {
  const wanted = rowOf(entry);
  const { data } = useQuery({
    queryKey: ['row', wanted?.run, wanted?.number],
    queryFn: () => (wanted ? readRow(wanted) : null),
    enabled: wanted !== undefined,
    retry: false,
  });
  return data ?? undefined;
}

async function readRow({ run: id, number }: { run: string; number: number }): Promise<RowEntry | null> {
  const params = { run: id };
  const query = { limit: 1, after: number - 1 || undefined };
  const [run, rows] = await Promise.all([
    callAccount('get', '/imports/{run}', { params }),
    callAccount('get', '/imports/{run}/rows', { params, query }),
  ]);
  const row = rows.json.items.find((one) => one.number === number);
  return row ? { ...row, run: { id, fileName: run.json.fileName } } : null;
}
