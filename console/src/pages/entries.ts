// Entries of the history as the API answers them, and how they are read.

import { useQuery } from '@tanstack/react-query';
import { useLocaleState } from 'react-admin';
import { call, callAccount } from '../api.ts';

interface Actor {
  kind: string;
  id: string;
  name?: string;
}

/** What an id stands for. Without a name and a number, it is gone. */
export interface Named {
  type: 'User' | 'Group' | 'Store';
  id: string;
  name?: string;
  number?: string;
}

/** A request. */
export interface RequestEntry {
  at: string;
  door: string;
  method: string;
  path: string;
  status: number;
  outcome: 'accepted' | 'refused' | 'failed';
  faults?: { code: string; detail: string }[];
  actor?: Actor;
  connection?: string;
  connectionName?: string;
  subject?: { type: string; id: string; name?: string };
  requestBody?: string;
  responseBody?: string;
  request: string;
}

/** A change. */
export interface ChangeEntry {
  at: string;
  door: string;
  action: string;
  resource: string;
  subject: string;
  named?: Named;
  actor?: Actor;
  connectionName?: string;
  attributes?: string[];
  values?: { attribute: string; before?: string; after?: string }[];
  refers?: Named[];
  request: string;
}

/** A line of the history. */
export interface Entry {
  at: string;
  request?: RequestEntry;
  change?: ChangeEntry;
}

/** A row of a file, or a block of a batch. */
export interface RowEntry {
  number: number;
  line?: number;
  identity?: string;
  /** Of a failed block: its XML as received. */
  block?: string;
  run: { id: string; fileName: string };
}

/** Who it was. */
export const actorOf = (actor: Actor | undefined) => actor?.name ?? actor?.id ?? '';

/** The reasons of a refusal. */
export const reasonOf = ({ faults = [] }: Pick<RequestEntry, 'faults'>) => faults.map(({ detail }) => detail).join(' ');

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

interface Remedy {
  code: string;
  cause: string;
  fix: string;
  page: string;
}

/** Finds the cause of a code, what to do, and the section about it on the troubleshooting page; undefined until they are loaded. */
export function useRemedies(): ((code: string) => Remedy | undefined) | undefined {
  const [locale] = useLocaleState();
  const { data } = useQuery({
    queryKey: ['remedies', locale],
    queryFn: async () => {
      const { items } = (await call<{ items: Remedy[] }>('/remedies', { query: { language: locale } })).json;
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
  const path = `/imports/${encodeURIComponent(id)}`;
  const query = { limit: 1, after: number - 1 || undefined };
  const [run, rows] = await Promise.all([
    callAccount<{ fileName: string }>(path),
    callAccount<{ items: Omit<RowEntry, 'run'>[] }>(`${path}/rows`, { query }),
  ]);
  const row = rows.json.items.find((one) => one.number === number);
  return row ? { ...row, run: { id, fileName: run.json.fileName } } : null;
}
