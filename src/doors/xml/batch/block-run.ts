// Applies the blocks of a file as rows of a run: data for several blocks is read ahead together, the blocks of one user are applied
// in order, and the outcome of each block is recorded as a row.

import { type Fault, fault } from '../../../directory/faults.ts';
import type { Account, Caller, Connection, UserView } from '../../../directory/model.ts';
import { sameValue, valueAt } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { createSharedLookups } from '../../../directory/shared-lookups.ts';
import type { RowContext, RowPass } from '../../../runs/file-run.ts';
import { ROWS_AT_ONCE, type RowKeys, rowsAtOnce } from '../../../runs/row-scheduler.ts';
import { type RowFault, type RunRow, recounted, UnreadableFile } from '../../../runs/store.ts';
import { blockErrors, elementOf } from '../fault-messages.ts';
import { type RawBlock, readBlocks } from '../format/block-reader.ts';
import type { BlockSchema } from '../format/block-schema.ts';
import { readUserBlock, type UserBlock } from '../format/user-block.ts';
import { type BatchDirectory, type BatchEntries, knownNames } from './directory.ts';
import { type KnownNames, reviseUser } from './user-change.ts';

const BLOCK_SHOWN_CHARS_MAX = 8_000;
const ERRORS_MAX = 50;
/** The elements by which a block names its user. */
const NAMING = ['UserId', 'Email', 'UserName'] as const;

export interface BlockRun {
  run: string;
  /** Who requested the run. */
  requestedBy: string;
  account: Account;
  connection: Connection;
  directory: Pick<BatchDirectory, 'referenceData' | 'knownStores'>;
  entries: BatchEntries;
  schema: BlockSchema;
  /** The start tag of the root, which declares namespaces for the blocks. */
  rootTag: string;
}

/** A raw block and its parsed form. */
interface ReadBlock {
  number: number;
  raw: RawBlock;
  block: UserBlock;
}

const NO_NAMES: KnownNames = { roles: new Map(), organizations: new Map(), stores: new Set() };

/** The pass over the blocks of a file. @param pieces the content of the file from its start */
export function blockPass(work: BlockRun, pieces: () => AsyncIterable<Uint8Array>): RowPass<ReadBlock> {
  const { account, directory, entries } = work;
  let names = NO_NAMES;
  return {
    rowsAtOnce: rowsAtOnce(account),
    rows: (position) => blocksAfter(position, pieces()),
    async readAhead(blocks) {
      const read = blocks.map(({ block }) => block);
      [names] = await Promise.all([knownNames(directory, account.id, read), readUsersAhead(entries, account, read)]);
    },
    keysOf,
    applyRow: (block, context) => applyBlock(work, names, block, context),
    identitiesOf: ({ block: { texts } }) => NAMING.flatMap((name) => texts.get(name) ?? []),
  };
}

async function* blocksAfter(position: number, pieces: AsyncIterable<Uint8Array>): AsyncIterable<ReadBlock> {
  try {
    for await (const blocks of readBlocks(pieces)) {
      for (const raw of blocks) {
        if (raw.number > position) yield { number: raw.number, raw, block: readUserBlock(raw.element) };
      }
    }
  } catch (error) {
    // The first pass over the file succeeded, so it was changed in the meantime.
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UnreadableFile(`The file was changed while it was being read. ${error.message}`);
  }
}

/** Reads the users of blocks and the managers that they name. The UserId of a new user is also the External ID. */
async function readUsersAhead({ prefetch }: BatchEntries, { id }: Account, blocks: readonly UserBlock[]) {
  const all = (name: 'UserId' | 'ManagerUserId') => blocks.flatMap(({ texts }) => texts.get(name) ?? []);
  const userIds = all('UserId');
  await prefetch(id, { userNames: userIds, externalIds: userIds, managers: all('ManagerUserId') });
}

function keysOf({ block }: ReadBlock): RowKeys {
  const userId = block.texts.get('UserId');
  return { exclusive: userId === undefined ? [] : [foldText(userId)], shared: [], isBarrier: false };
}

async function applyBlock(
  work: BlockRun,
  names: KnownNames,
  { raw, block }: ReadBlock,
  { requestId, earlierChange }: RowContext,
): Promise<RunRow> {
  const userId = block.texts.get('UserId') ?? '';
  const row = { run: work.run, number: raw.number, line: raw.line, identity: maskedIdentity(userId) };
  const schemaFaults = work.schema.faults(raw.text, work.rootTag);
  let notes: readonly Fault[] = [];
  if (raw.element.name !== 'User') return { ...row, outcome: 'refused', ...failure(raw, schemaFaults) };
  const outcome = await work.entries.provision.saveUser(
    callerOf(work, requestId),
    { by: 'userName', userName: userId },
    (user) => {
      const revised = reviseUser(block, names, [...schemaFaults, ...block.faults], user);
      notes = revised.notes;
      return revised;
    },
  );
  if (!outcome.ok) return { ...row, outcome: 'refused', ...failure(raw, outcome.faults) };
  const { before, after } = outcome.value;
  const effect = await effectOf(outcome.effect, () => earlierChange(after.id));
  const fields = before && effect === 'updated' ? changedFields(before, after) : [];
  const manager = block.texts.get('ManagerUserId');
  const isWaiting = manager !== undefined && isMissingManager(after);
  return {
    ...row,
    outcome: effect,
    user: after.id,
    ...(fields.length > 0 ? { fields } : {}),
    ...(notes.length > 0 ? { faults: errorsOf(notes) } : {}),
    ...(isWaiting ? { later: manager } : {}),
  };
}

function isMissingManager({ attributes }: UserView): boolean {
  const missing = valueAt(attributes, 'mobietrain.missing');
  return Array.isArray(missing) && missing.includes('manager');
}

/** The pass over blocks that named a manager who did not exist yet: each who does not exist after the last block is noted. */
export function managersPass(work: BlockRun, waiting: (position: number) => AsyncIterable<RunRow>): RowPass<RunRow> {
  const { account, entries } = work;
  // Many blocks name the same manager.
  const managers = createSharedLookups<string>();
  return {
    rowsAtOnce: ROWS_AT_ONCE,
    requestSuffix: ':manager',
    rows: waiting,
    async readAhead(rows) {
      const named = rows.flatMap(({ later = '' }) => (managers.known(later) === undefined ? later : []));
      if (named.length > 0) await entries.prefetch(account.id, { externalIds: named, userNames: named });
    },
    keysOf: () => ({ exclusive: [], shared: [], isBarrier: false }),
    async applyRow({ later = '', ...row }, { requestId }) {
      const find = async (): Promise<string | undefined> => {
        const identity = { by: 'file' as const, externalId: later, userName: later };
        const found = await entries.references.user(callerOf(work, requestId), identity);
        return found.ok ? found.id : undefined;
      };
      const manager = managers.known(later) ?? (await managers.one(later, find));
      if (manager !== undefined) return row;
      const note = fault('unknownReference', 'manager', { kind: 'manager', value: later });
      return { ...row, faults: [...(row.faults ?? []), ...errorsOf([note])] };
    },
    count: recounted,
  };
}

function callerOf({ run, account, connection, requestedBy }: BlockRun, requestId: string): Caller {
  const by = { kind: 'job', id: run, name: requestedBy } as const;
  return { account, connection, credentialId: 'batch', door: 'xml', requestId, by };
}

type Effect = Exclude<RunRow['outcome'], 'refused'>;

/** The outcome of a block. If it is applied again after a crash, the outcome of the first time counts. */
async function effectOf(effect: string, earlierChange: () => ReturnType<RowContext['earlierChange']>): Promise<Effect> {
  if (effect === 'created') return 'created';
  const earlier = await earlierChange();
  if (earlier) return earlier === 'create' ? 'created' : 'updated';
  return effect === 'unchanged' ? 'unchanged' : 'updated';
}

function failure(raw: RawBlock, faults: Parameters<typeof blockErrors>[0]): Pick<RunRow, 'faults' | 'block' | 'span'> {
  return {
    faults: errorsOf(faults),
    block: raw.text.slice(0, BLOCK_SHOWN_CHARS_MAX),
    span: { start: raw.start, end: raw.end },
  };
}

function errorsOf(faults: readonly Fault[]): RowFault[] {
  const errors = blockErrors(faults).slice(0, ERRORS_MAX);
  return errors.map(({ error, fault: code, path, words }) => ({ code, error, at: path, words }));
}

/** The first two characters of a UserId, which are enough to recognise it. */
function maskedIdentity(userId: string): string {
  return userId === '' ? '' : `${Array.from(userId.slice(0, 4)).slice(0, 2).join('')}…`;
}

/** The elements whose values changed; the values are in the file. */
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
  return [...new Set(names.flatMap((name) => elementOf(name) ?? []))].map((name) => ({ name }));
}

function partOf(value: UserView['attributes'][string] | undefined): UserView['attributes'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
