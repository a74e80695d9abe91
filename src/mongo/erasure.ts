// Takes a person out of what the database keeps beside the directory: events, mails that wait, answers kept for repeated requests,
// what a simulation put away, and users that name the person as a manager who is not here.

import type { Db, Filter } from 'mongodb';
import type { Erased, Traces } from '../directory/erasure/erasure.ts';
import type { Person } from '../directory/erasure/person.ts';
import type { RecordedEvent } from '../directory/event.ts';
import { guarded } from './client/mongo-errors.ts';
import { type Collections, collectionsOf } from './collections.ts';
import { textsIn } from './query/text.ts';
import { DURABLE } from './schemas/declaration.ts';
import { unsetManagers, waitingFor } from './users/manager-links.ts';

export interface DatabaseTracesOptions {
  /** By what an event of an External ID is found. */
  hashOf: (account: string, externalId: string) => string;
}

const ATTACHMENT_GONE = 'The file of results was taken away: a person in it was erased.';

/** Whether a user of this id was deleted in the account. @throws StoreUnavailable */
export function createWasDeleted(db: Db): (account: string, id: string) => Promise<boolean> {
  const { tombstones } = collectionsOf(db);
  return async (account, id) =>
    (await guarded(() => tombstones.findOne({ _id: id, account, resource: 'User' }, { projection: { _id: 1 } }))) !==
    null;
}

/** Erases from the database's own traces. @throws StoreUnavailable */
export function createDatabaseTraces(db: Db, { hashOf }: DatabaseTracesOptions): Traces {
  return async ({ id: account }, person): Promise<Partial<Erased>> =>
    guarded(async () => {
      const { events, outbox, idempotencyKeys, users, simulations } = collectionsOf(db);
      await eraseSimulated(simulations, account, person);
      return {
        events: await eraseEvents(events, account, person, hashOf),
        mails: await eraseMails(outbox, account, person),
        answers: await eraseAnswers(idempotencyKeys, account, person),
        reports: await eraseReferences(users, account, person),
      };
    });
}

/** Their bodies have up to 32 KB, each of which is searched for every sign. */
const EVENTS_LOOKED_AT = { least: 25, most: 500, signs: 10_000 };
const EVENT_TEXTS = ['path', 'requestBody', 'responseBody', 'faults.detail', 'subject.name'];

/** What stays of an event is that there was a request, of which kind, and what it came to. */
async function eraseEvents(
  events: Collections['events'],
  account: string,
  person: Person,
  hashOf: DatabaseTracesOptions['hashOf'],
): Promise<number> {
  const hashes = person.externalIds.map((externalId) => hashOf(account, externalId));
  const any = [
    ...(person.ids.length > 0 ? [{ 'subject.id': { $in: [...person.ids] } }] : []),
    ...(hashes.length > 0 ? [{ 'subject.externalIdHash': { $in: hashes } }] : []),
    ...textsIn(EVENT_TEXTS, person.searchTexts),
  ];
  const { least, most, signs } = EVENTS_LOOKED_AT;
  const lookedAt = Math.max(least, Math.min(most, Math.floor(signs / Math.max(1, person.searchTexts.length))));
  let count = 0;
  // Requests of nobody who is known have no account.
  for (const owner of any.length === 0 ? [] : [account, null]) {
    for await (const event of eventsAmong(events, owner, any, lookedAt)) {
      const left = eventLeft(event, person, hashes);
      if (!left) continue;
      await events.updateOne(
        { _id: event._id },
        {
          $set: left,
          $unset: { requestBody: '', responseBody: '', 'subject.name': '', 'subject.externalIdHash': '' },
        },
        { writeConcern: DURABLE },
      );
      count += 1;
    }
  }
  return count;
}

/** Events that meet one of these conditions: so many are looked at in one go as takes a moment. */
async function* eventsAmong(
  events: Collections['events'],
  owner: string | null,
  any: Filter<object>[],
  atOnce: number,
): AsyncIterable<RecordedEvent> {
  const account = owner === null ? { $exists: false } : owner;
  for (let before: string | undefined; ; ) {
    const older = { account, ...(before === undefined ? {} : { _id: { $lt: before } }) } as Filter<RecordedEvent>;
    const [end] = await events
      .find(older, { projection: { _id: 1 }, sort: { _id: -1 }, skip: atOnce - 1, limit: 1 })
      .toArray();
    const among = end ? { ...older, _id: { $gte: end._id, ...(before === undefined ? {} : { $lt: before }) } } : older;
    yield* await events.find({ ...among, $or: any } as Filter<RecordedEvent>).toArray();
    if (!end) return;
    before = end._id;
  }
}

/** What is left of the texts of an event; undefined where it has nothing to do with the person, or has nothing of them any more. */
function eventLeft(
  { path, subject, faults, requestBody, responseBody }: RecordedEvent,
  person: Person,
  hashes: readonly string[],
): Pick<RecordedEvent, 'path' | 'faults'> | undefined {
  const isOwn =
    subject !== undefined && (person.ids.includes(subject.id) || hashes.includes(subject.externalIdHash ?? ''));
  const [route = '', query = ''] = path.split(/\?(.*)/s);
  const said = [query, requestBody, responseBody, subject?.name, subject?.externalIdHash];
  const texts = [...said, ...(faults ?? []).map(({ detail }) => detail)].filter((text) => text);
  if (!(isOwn && texts.length > 0) && ![path, ...texts].some((text) => person.isIn(text ?? ''))) return undefined;
  return {
    path: person.isIn(decoded(route)) ? '/' : route,
    ...(faults ? { faults: faults.map(({ code }) => ({ code, detail: '' })) } : {}),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A mail that does not wait any more has no content. */
async function eraseMails(mails: Collections['outbox'], account: string, person: Person): Promise<number> {
  let count = 0;
  for await (const { _id, to = '', subject = '', text = '', attachments } of mails.find({
    account,
    state: 'waiting',
  })) {
    if (person.is(to) || person.isIn(subject) || person.isIn(text)) await mails.deleteOne({ _id });
    else if (attachments?.some((one) => person.isIn(one.text)))
      await mails.updateOne({ _id }, { $set: { text: `${text}\n${ATTACHMENT_GONE}` }, $unset: { attachments: '' } });
    else continue;
    count += 1;
  }
  return count;
}

async function eraseAnswers(keys: Collections['idempotencyKeys'], account: string, person: Person): Promise<number> {
  let count = 0;
  for await (const { _id, answer } of keys.find({ account }, { projection: { 'answer.body': 1 } })) {
    const body = answer?.body ?? '';
    if (!person.ids.some((id) => body.includes(id)) && !person.isIn(body)) continue;
    await keys.deleteOne({ _id });
    count += 1;
  }
  return count;
}

/** A simulation that is under way does without; it ends, or is gone after a day. */
async function eraseSimulated(simulations: Collections['simulations'], account: string, person: Person): Promise<void> {
  const any = [
    { 'document._id': { $in: [...person.ids] } },
    { 'document.fold.userName': { $in: [...person.references] } },
    { 'document.data.externalId': { $in: [...person.externalIds] } },
    { 'document.awaits': { $in: [...person.references] } },
  ];
  const simulated: Record<string, unknown> = { 'document.account': account, $or: any };
  await simulations.deleteMany(simulated, { writeConcern: DURABLE });
}

/** Users whose manager is named by a text, and does not come any more. */
async function eraseReferences(users: Collections['users'], account: string, person: Person): Promise<number> {
  if (person.references.length === 0) return 0;
  return unsetManagers(users, waitingFor(account, [...person.references]), new Date());
}
