// Reads histories: events and change records of people, merged by time.

import type { Db, Filter } from 'mongodb';
import type { RecordedEvent } from '../directory/event.ts';
import type { AuditRecord, HistoryEntry, HistoryPage, HistoryReader } from '../directory/history.ts';
import type { NamedReference, ReadNames } from '../directory/history-names.ts';
import { textAt } from '../directory/schema/attributes.ts';
import type { Attributes } from '../directory/schema/schema.ts';
import { guarded } from './client/mongo-errors.ts';
import { type Collections, collectionsOf } from './collections.ts';
import { createErasureMemory } from './erasure-memory.ts';
import type { AuditEntry } from './schemas/directory/audit.ts';

/** Creates the reader of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createHistoryReader(db: Db): HistoryReader {
  const { events, audit, administrators } = collectionsOf(db);

  /** Change records have only the id of an administrator, so that the e-mail is gone when the administrator is. */
  async function named(changes: readonly AuditEntry[]): Promise<AuditRecord[]> {
    const ids = new Set(changes.flatMap(({ actor }) => (actor?.kind === 'administrator' ? [actor.id] : [])));
    if (ids.size === 0) return changes.map(recordOf);
    const query = administrators.find({ _id: { $in: [...ids] } }, { projection: { email: 1 } });
    const emails = new Map((await query.toArray()).map(({ _id, email }) => [_id, email]));
    return changes.map(recordOf).map((record) => {
      const name = record.actor && emails.get(record.actor.id);
      return record.actor && name !== undefined ? { ...record, actor: { ...record.actor, name } } : record;
    });
  }

  return {
    async list(account, { ids, hashes }, { limit, reads, before = {} }) {
      const about: Filter<RecordedEvent> = {
        account,
        about: { $in: [...ids, ...hashes] },
        isRead: { $in: reads ? [false, true] : [false] },
        ...(before.event === undefined ? {} : { _id: { $lt: before.event } }),
      };
      const [requests, changes] = await guarded(() =>
        Promise.all([
          events
            .find(about)
            .sort({ _id: -1 })
            .limit(limit + 1)
            .toArray(),
          changesOf(audit, { account, subject: { $in: [...ids] } }, limit, before.change).then(named),
        ]),
      );
      const entries: HistoryEntry[] = [
        ...requests.map((event) => ({ at: event.at, event })),
        ...changes.map((change) => ({ at: change.at, change })),
      ];
      entries.sort((one, other) => other.at.getTime() - one.at.getTime());
      return pageOf(entries, limit, before);
    },

    async lastChange(account, subject, attribute) {
      const changes: Filter<AuditEntry> = { $or: [{ attributes: attribute }, { action: 'create' }] };
      const newest = audit
        .find({ account, subject, ...changes })
        .sort({ at: -1 })
        .limit(1);
      const [last] = await guarded(async () => named(await newest.toArray()));
      return last;
    },

    async changesOf(account, subject, limit) {
      const newest = audit.find({ account, subject }).sort({ at: -1 }).limit(limit);
      return guarded(async () => named(await newest.toArray()));
    },

    async audit(account, { limit, before }) {
      const found = await guarded(() => changesOf(audit, { account }, limit, before).then(named));
      const end = found.length > limit ? found[limit - 1]?.at : undefined;
      const records = found.filter(({ at }, index) => index < limit || at.getTime() === end?.getTime());
      return end ? { records, next: end } : { records };
    },
  };
}

/** Makes a function that returns the ids of the users, also deleted ones, who had an identity with this hash. */
export function createFormerUsers(db: Db): (account: string, hash: string) => Promise<string[]> {
  const memory = createErasureMemory(db, () => new Date());
  return async (account, hash) => {
    const [deleted, former] = await Promise.all([
      memory.deletedUsers(account, { ids: [], hashes: [hash] }),
      memory.formerIdentities(account, [hash]),
    ]);
    return [...deleted.map(({ id }) => id), ...former.values()];
  };
}

/** Makes the reader of the names of users, groups and stores: one query for each type with ids. */
export function createReadNames(db: Db): ReadNames {
  const { users, groups, stores } = collectionsOf(db);
  const read = async (ids: readonly string[], find: () => Promise<NamedReference[]>) => (ids.length > 0 ? find() : []);
  return async (account, { User, Group, Store }) => {
    const found = await guarded(() =>
      Promise.all([
        read(User, async () => {
          const query = users.find({ account, _id: { $in: User } }, { projection: USER_NAMES });
          return (await query.toArray()).map(({ _id, data }) => userReference(_id, data));
        }),
        read(Group, async () => {
          const query = groups.find({ account, _id: { $in: Group } }, { projection: { name: 1, adminName: 1 } });
          return (await query.toArray()).map(({ _id: id, name, adminName = name }) => ({
            type: 'Group' as const,
            id,
            name: adminName,
          }));
        }),
        read(Store, async () => {
          const projection = { refId: 1, name: 1, adminName: 1 };
          const query = stores.find({ account, _id: { $in: Store } }, { projection });
          return (await query.toArray()).map(({ _id: id, refId, name, adminName = name }) => ({
            type: 'Store' as const,
            id,
            number: refId,
            ...(adminName === undefined ? {} : { name: adminName }),
          }));
        }),
      ]),
    );
    return found.flat();
  };
}

const USER_NAMES = { 'data.userName': 1, 'data.name': 1, 'data.enterprise.employeeNumber': 1 } as const;

function userReference(id: string, data: Attributes): NamedReference {
  const words = [textAt(data, 'name.givenName'), textAt(data, 'name.familyName')].filter(Boolean);
  const number = textAt(data, 'enterprise.employeeNumber') ?? textAt(data, 'userName');
  return {
    type: 'User',
    id,
    ...(words.length > 0 ? { name: words.join(' ') } : {}),
    ...(number === undefined ? {} : { number }),
  };
}

const SAME_TIME_MAX = 100;

/** One more page than asked for, so that changes of one moment are never on two pages. */
function changesOf(
  audit: Collections['audit'],
  filter: Filter<AuditEntry>,
  limit: number,
  before: Date | undefined,
): Promise<AuditEntry[]> {
  return audit
    .find({ ...filter, ...(before === undefined ? {} : { at: { $lt: before } }) })
    .sort({ at: -1 })
    .limit(limit + SAME_TIME_MAX)
    .toArray();
}

function pageOf(entries: HistoryEntry[], limit: number, before: HistoryPage['next']): HistoryPage {
  const end = entries.length > limit ? entries[limit - 1]?.at.getTime() : undefined;
  // Changes of one moment have no order among them, so a page ends after all of them.
  const page = entries.filter((entry, index) => index < limit || ('change' in entry && entry.at.getTime() === end));
  if (page.length === entries.length) return { entries: page };
  const lastEvent = page.flatMap((entry) => ('event' in entry ? [entry.event._id] : [])).at(-1) ?? before?.event;
  const lastChange = page.flatMap((entry) => ('change' in entry ? [entry.at] : [])).at(-1) ?? before?.change;
  return {
    entries: page,
    next: {
      ...(lastEvent === undefined ? {} : { event: lastEvent }),
      ...(lastChange === undefined ? {} : { change: lastChange }),
    },
  };
}

function recordOf({ _id, write: _write, named: _named, subjects: _subjects, ...record }: AuditEntry): AuditRecord {
  return { id: _id, ...record };
}
