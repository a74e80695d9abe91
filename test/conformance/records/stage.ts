// What a case of the suite stands on: records of one implementation, an empty account, and documents to put into it.

import { randomUUID } from 'node:crypto';
import { newResourceId } from '../../../src/directory/ids.ts';
import type { ChangeRecord, Origin, StoredGroup, StoredStore, StoredUser } from '../../../src/directory/model.ts';
import type { Named } from '../../../src/directory/prefetch.ts';
import { searchKeysOf } from '../../../src/directory/query/search-keys.ts';
import type { CommitResult, FieldChanges, MembersWrite, Records, Write } from '../../../src/directory/records.ts';
import { createRetryBudget } from '../../../src/directory/retry-budget.ts';
import { foldAttributes, foldText } from '../../../src/directory/schema/fold.ts';
import { type Attributes, emptyAttributes } from '../../../src/directory/schema/schema.ts';
import type { TestDirectory } from '../../support/directory.ts';

/** One implementation of the port, opened for one account. */
export interface OpenRecords {
  records: Records;
  /** Reads ahead, in implementations that do. */
  readAhead(named: Named): Promise<void>;
  close(): Promise<void>;
}

/** How the documents that a case begins with got there: into the real store before, or through the records under test. */
export type Given = 'stored' | 'written';

export interface Stage {
  account: string;
  records: Records;
  readAhead(named: Named): Promise<void>;
  given(...writes: Write[]): Promise<void>;
  commit(...writes: Write[]): Promise<CommitResult>;
  user(attributes: Record<string, unknown>, more?: Partial<StoredUser>): StoredUser;
  group(name: string, more?: Partial<StoredGroup>): StoredGroup;
  store(refId: string, more?: Partial<StoredStore>): StoredStore;
  /** A conditional update of a user that sets these attributes. */
  update(user: StoredUser, attributes: Record<string, unknown>, ifRevision?: number): Write;
  tombstone(id: string, resource: 'User' | 'Group'): { tombstone: Extract<Write, { kind: 'deleteUser' }>['tombstone'] };
  record(action?: ChangeRecord['action']): ChangeRecord;
  add(ids: string[], origin?: Origin): MembersWrite;
  remove(ids: string[]): MembersWrite;
  exactly(ids: string[], origin?: Origin): MembersWrite;
}

export const PUSH: Origin = 'push:con_a';
export const CHANGED_AT = new Date('2026-03-01T12:00:00Z');
const CREATED_AT = new Date('2026-01-01T12:00:00Z');

export function createStage(directory: TestDirectory, account: string, open: OpenRecords, given: Given): Stage {
  const schema = directory.catalogue.user;
  const base = given === 'stored' ? directory.records : open.records;

  const record = (action: ChangeRecord['action'] = 'update'): ChangeRecord => ({
    id: randomUUID(),
    at: CHANGED_AT,
    account,
    door: 'scim',
    connection: 'con_a',
    credential: 'cred',
    request: randomUUID(),
    action,
  });

  function user(attributes: Record<string, unknown>, more: Partial<StoredUser> = {}): StoredUser {
    const data = attributesOf({ active: true, ...attributes });
    const made: StoredUser = {
      _id: newResourceId(),
      account,
      version: 1,
      revision: 1,
      created: CREATED_AT,
      modified: CREATED_AT,
      schemaVersion: 1,
      data,
      fold: foldAttributes(data, schema),
      groups: [],
      stores: [],
      missing: [],
      lifecycle: 'registered',
      blocked: false,
      sources: { '*': 'con_a' },
      changes: [],
      ...more,
    };
    return { ...made, terms: searchKeysOf(made, schema) };
  }

  function changesOf(current: StoredUser, attributes: Record<string, unknown>): FieldChanges {
    const data = attributesOf({ ...current.data, ...attributes });
    const next = { ...current, data, fold: foldAttributes(data, schema) };
    const changes: FieldChanges = { set: { terms: searchKeysOf(next, schema) }, unset: [] };
    for (const name of Object.keys(attributes)) {
      for (const part of ['data', 'fold'] as const) {
        const value = next[part][name];
        if (value === undefined) changes.unset.push(`${part}.${name}`);
        else changes.set[`${part}.${name}`] = value;
      }
    }
    return changes;
  }

  async function commitGiven(write: Write): Promise<void> {
    const result = await base.commit(account, [write], createRetryBudget());
    if (!result.ok) throw new Error(`the beginning of a case was refused: ${JSON.stringify(result)}`);
  }

  return {
    account,
    records: open.records,
    readAhead: (named) => open.readAhead(named),
    async given(...writes) {
      // Users by the hundred, everything else in its order.
      for (let from = 0; from < writes.length; ) {
        const users = writes.slice(from, from + 100).findIndex((write) => write.kind !== 'insertUser');
        const count = users < 0 ? Math.min(100, writes.length - from) : Math.max(1, users);
        await Promise.all(writes.slice(from, from + count).map(commitGiven));
        from += count;
      }
    },
    commit: (...writes) => open.records.commit(account, writes, createRetryBudget()),
    user,
    group: (name, more = {}) => ({
      _id: newResourceId(),
      account,
      version: 1,
      created: CREATED_AT,
      modified: CREATED_AT,
      name,
      nameFold: foldText(name),
      type: '',
      typeFold: '',
      claimed: true,
      derived: false,
      holdsName: true,
      identities: more.externalId === undefined ? [] : [{ value: more.externalId, pushed: true }],
      changes: [],
      ...more,
    }),
    store: (refId, more = {}) => ({
      _id: newResourceId(),
      account,
      version: 1,
      created: CREATED_AT,
      modified: CREATED_AT,
      refId,
      changes: [],
      ...more,
    }),
    update: (current, attributes, ifRevision = current.revision) => ({
      kind: 'updateUser',
      id: current._id,
      ifRevision,
      visible: true,
      changes: changesOf(current, attributes),
      record: record(),
    }),
    tombstone: (id, resource) => ({
      tombstone: { _id: id, account, resource, deleted: CHANGED_AT, pending: true, changes: [] },
    }),
    record,
    add: (add, origin = PUSH) => ({ change: { kind: 'delta', add, remove: [] }, origin, record: record() }),
    remove: (remove) => ({ change: { kind: 'delta', add: [], remove }, origin: PUSH, record: record() }),
    exactly: (members, origin = PUSH) => ({ change: { kind: 'all', members }, origin, record: record() }),
  };
}

/** Attributes without a prototype, as the directory makes them; what is undefined is left out. */
function attributesOf(values: Record<string, unknown>): Attributes {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.assign(emptyAttributes(), Object.fromEntries(defined)) as Attributes;
}
