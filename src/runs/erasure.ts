// Takes a person out of what runs remember: their rows, the values of others' rows that name them, and the runs themselves.

import type { Person } from '../directory/erasure/person.ts';
import type { RowField, RowLeft, Run, RunKind, RunRow, RunStore } from './store.ts';

export type RunTracesStore = Pick<RunStore, 'list' | 'rows' | 'eraseRow' | 'eraseFromRun'>;

/** What a run's rows have to do with a person, beyond what any row tells. */
export interface RunMentions {
  /** Rows of the person that do not say so: the file does. */
  own: ReadonlySet<number>;
  /** What becomes of a row's block: nothing of it is left (it is theirs), another text, or the same. */
  block(text: string): { isOwn: true } | { isOwn: false; text: string };
}

const PAGE = 200;
const LOOKED_AT = 5_000;
const HIDDEN = '…';
const OPEN: ReadonlySet<string> = new Set(['waiting', 'running']);

/** Every run of an account, page by page. @throws StoreUnavailable */
export async function* runsOf(runs: Pick<RunStore, 'list'>, account: string, kinds: RunKind[]): AsyncIterable<Run> {
  for (let after: string | undefined; ; ) {
    const page = await runs.list(account, { kinds, limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page.runs;
    after = page.next;
    if (after === undefined) return;
  }
}

/** Whether a run is not through: what it will write down yet can't be erased now. */
export function isOpen({ state }: Run): boolean {
  return OPEN.has(state);
}

/** Erases a person from a run and its rows; how many rows were changed. @throws StoreUnavailable */
export async function eraseFromRun(
  runs: RunTracesStore,
  run: Run,
  person: Person,
  mentions: RunMentions,
): Promise<number> {
  const mailTo = run.options?.mailTo;
  await runs.eraseFromRun(run.id, {
    ...(person.isIn(run.reason ?? '') ? { reason: true } : {}),
    ...(typeof mailTo === 'string' && person.is(mailTo) ? { mailTo: true } : {}),
  });
  let count = 0;
  for (const number of mentions.own) {
    const [row] = await runs.rows(run.id, { after: number - 1, limit: 1 });
    if (row?.number !== number || isErased(row)) continue;
    await runs.eraseRow(run.id, number, emptied(row));
    count += 1;
  }
  for await (const row of rowsAbout(runs, run, person)) {
    const left = leftOf(row, person, mentions);
    if (!left) continue;
    await runs.eraseRow(run.id, row.number, left);
    count += 1;
  }
  return count;
}

/** Rows that may have to do with a person; of a large run so many at a time as can be looked through in a moment. */
async function* rowsAbout(runs: Pick<RunStore, 'rows'>, { id, counts }: Run, person: Person): AsyncIterable<RunRow> {
  const about = { users: person.ids, texts: person.signs };
  const last = Math.max(counts.done, counts.total ?? 0);
  for (let from = 0; from < last; from += LOOKED_AT) {
    for (let after = from; ; ) {
      const rows = await runs.rows(id, { about, after, upTo: from + LOOKED_AT, limit: PAGE });
      yield* rows;
      const end = rows.at(-1);
      if (!end || rows.length < PAGE) break;
      after = end.number;
    }
  }
}

function isErased({ identity, user, block, fields }: RunRow): boolean {
  return identity === '' && user === undefined && block === undefined && fields === undefined;
}

/** Of a row of the person stays what it came to: outcome and codes. */
function emptied({ faults }: RunRow): RowLeft {
  return { identity: '', ...(faults ? { faults: faults.map((fault) => ({ ...fault, words: HIDDEN })) } : {}) };
}

/** What is left of a row; undefined where it does not name the person. */
function leftOf(row: RunRow, person: Person, mentions: RunMentions): RowLeft | undefined {
  const block = row.block === undefined ? undefined : mentions.block(row.block);
  if (block?.isOwn || (row.user !== undefined && person.ids.includes(row.user))) return emptied(row);
  const names = (text: string | undefined) => text !== undefined && (person.is(text) || person.isIn(text));
  const isNamed =
    names(row.later) ||
    (block !== undefined && block.text !== row.block) ||
    row.fields?.some(({ from, to }) => names(from) || names(to)) ||
    row.faults?.some(({ words }) => names(words));
  if (!isNamed) return undefined;
  const { identity, user, fields, faults } = row;
  return {
    identity,
    ...(user === undefined ? {} : { user }),
    ...(fields ? { fields: fields.map((field) => withoutValues(field, names)) } : {}),
    ...(faults ? { faults: faults.map((one) => (names(one.words) ? { ...one, words: HIDDEN } : one)) } : {}),
    ...(block ? { block: block.text } : {}),
  };
}

function withoutValues({ name, from, to }: RowField, names: (text: string | undefined) => boolean): RowField {
  return {
    name,
    ...(from === undefined || names(from) ? {} : { from }),
    ...(to === undefined || names(to) ? {} : { to }),
  };
}
