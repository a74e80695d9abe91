// Applies the blocks of a file, a window at a time: several users at once, the blocks of one user in their order. What became of
// every block is noted with the place to go on, so that a run that was killed loses and doubles none.

import type { Account, Caller, Connection, UserView } from '../../../directory/model.ts';
import { sameValue } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { allOf, createLanes, type LaneKeys, rowsAtOnce } from '../../../runs/row-scheduler.ts';
import { counted, type RunCounts, type RunRow } from '../../../runs/store.ts';
import { blockErrors } from '../fault-messages.ts';
import type { RawBlock } from '../format/block-reader.ts';
import type { BlockSchema } from '../format/block-schema.ts';
import { readUserBlock, type UserBlock } from '../format/user-block.ts';
import { type BatchDirectory, type BatchEntries, knownNames } from './directory.ts';
import { type KnownNames, reviseUser } from './user-change.ts';

/** Blocks between two checkpoints. */
export const WINDOW = 400;
const BLOCK_SHOWN_CHARS_MAX = 8_000;
const ERRORS_MAX = 50;

export interface BlockRun {
  run: string;
  account: Account;
  connection: Connection;
  directory: BatchDirectory;
  entries: BatchEntries;
  schema: BlockSchema;
  /** Blocks up to this number may have been applied before a kill, without a note of it. */
  replayedTo: number;
}

interface ReadBlock {
  raw: RawBlock;
  block: UserBlock;
}

/**
 * Applies a window of blocks.
 * @returns a row for each, in their order
 * @throws StoreUnavailable; blocks of the window may have been applied then, and are applied again without effect
 */
export async function applyWindow(work: BlockRun, blocks: readonly RawBlock[]): Promise<RunRow[]> {
  const read = blocks.map((raw): ReadBlock => ({ raw, block: readUserBlock(raw.element) }));
  const [known] = await Promise.all([
    knownNames(
      work.directory,
      work.account.id,
      read.map(({ block }) => block),
    ),
    readAhead(work, read),
  ]);
  const lanes = createLanes(rowsAtOnce(work.account));
  return allOf(read.map((one) => lanes.run(laneKeys(one), () => applyBlock(work, known, one))));
}

/** Reads the users whom blocks mean, and those whom they name as managers. A new user's UserId is the External ID too. */
async function readAhead({ entries, account }: BlockRun, read: readonly ReadBlock[]): Promise<void> {
  const all = (name: 'UserId' | 'ManagerUserId') => read.flatMap(({ block }) => block.texts.get(name) ?? []);
  const userIds = all('UserId');
  await entries.prefetch(account.id, { userNames: userIds, externalIds: userIds, managers: all('ManagerUserId') });
}

/** The blocks of one user wait for each other. */
function laneKeys({ block }: ReadBlock): LaneKeys {
  const userId = block.texts.get('UserId');
  return { keys: userId === undefined ? [] : [foldText(userId)], shared: [], alone: false };
}

async function applyBlock(work: BlockRun, known: KnownNames, { raw, block }: ReadBlock): Promise<RunRow> {
  const { run, number, line } = { run: work.run, number: raw.number, line: raw.line };
  const userId = block.texts.get('UserId') ?? '';
  const row = { run, number, line, identity: maskedIdentity(userId) };
  const misfits = work.schema.faults(raw.text);
  if (raw.element.name !== 'User') return { ...row, outcome: 'refused', ...failure(raw, misfits) };
  const request = `${run}:${number}`;
  const outcome = await work.entries.provision.saveUser(
    callerOf(work, request),
    { by: 'userName', userName: userId },
    (user) => reviseUser(block, known, [...misfits, ...block.faults], user),
  );
  if (!outcome.ok) return { ...row, outcome: 'refused', ...failure(raw, outcome.faults) };
  const { before, after } = outcome.value;
  const effect = await effectOf(work, raw.number, after.id, request, outcome.effect);
  const fields = before && effect === 'updated' ? changedFields(before, after) : [];
  return { ...row, outcome: effect, user: after.id, ...(fields.length > 0 ? { fields } : {}) };
}

function callerOf({ account, connection }: BlockRun, requestId: string): Caller {
  return { account, connection, credentialId: 'batch', door: 'xml', requestId };
}

type Effect = Exclude<RunRow['outcome'], 'refused'>;

/** What a block did: a block that is applied again after a kill did what it did the first time. */
async function effectOf(
  { directory, replayedTo }: BlockRun,
  number: number,
  user: string,
  request: string,
  effect: string,
): Promise<Effect> {
  const now = effect === 'created' || effect === 'unchanged' ? effect : 'updated';
  if (number > replayedTo || now === 'created') return now;
  const before = await directory.appliedChange(user, request);
  if (before === undefined) return now;
  return before === 'create' ? 'created' : 'updated';
}

function failure(raw: RawBlock, faults: Parameters<typeof blockErrors>[0]): Pick<RunRow, 'faults' | 'block' | 'span'> {
  return {
    faults: blockErrors(faults)
      .slice(0, ERRORS_MAX)
      .map(({ error, fault, path, words }) => ({ code: fault, error, at: path, words })),
    block: raw.text.slice(0, BLOCK_SHOWN_CHARS_MAX),
    span: { start: raw.start, end: raw.end },
  };
}

/** The first two characters of a UserId: it may be looked up, but not read. */
function maskedIdentity(userId: string): string {
  return userId === '' ? '' : `${Array.from(userId.slice(0, 4)).slice(0, 2).join('')}…`;
}

/** The names of what changed; the values are in the file. */
function changedFields(before: UserView, after: UserView): { name: string }[] {
  const names: string[] = [];
  const compare = (prefix: string, from: UserView['attributes'], to: UserView['attributes']) => {
    for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
      if (sameValue(from[name], to[name])) continue;
      if (prefix === '' && (name === 'mobietrain' || name === 'enterprise')) {
        compare(`${name}.`, partOf(from[name]), partOf(to[name]));
      } else names.push(prefix + name);
    }
  };
  compare('', before.attributes, after.attributes);
  return names.map((name) => ({ name }));
}

function partOf(value: UserView['attributes'][string] | undefined): UserView['attributes'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** The counts after these rows. */
export function countRows(counts: RunCounts, rows: readonly RunRow[]): RunCounts {
  return rows.reduce((sum, row) => counted(sum, row), counts);
}
