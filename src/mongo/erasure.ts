// Erases a person from the data stored beside the directory: events, values in the audit trail, waiting mails, stored answers of idempotent requests, simulated
// documents, and unresolved manager references of other users.

import type { Db, Filter, UpdateFilter } from 'mongodb';
import type { Erased, Traces } from '../directory/erasure/erasure.ts';
import type { Person } from '../directory/erasure/person.ts';
import type { EventValue, RecordedEvent } from '../directory/event.ts';
import { guarded } from './client/mongo-errors.ts';
import { type Collections, collectionsOf } from './collections.ts';
import { textsIn } from './query/text.ts';
import { createWaitingChanges } from './relay/waiting-changes.ts';
import { DURABLE } from './schemas/declaration.ts';
import { unsetManagers, usersAwaiting } from './users/manager-links.ts';

const ATTACHMENT_GONE = 'The attached results were removed because a person in them was erased.';

/** Makes the function that erases a person from this data. It throws StoreUnavailable. */
export function createDatabaseTraces(db: Db): Traces {
  const waiting = createWaitingChanges(db);
  return async ({ id: account }, person): Promise<Partial<Erased>> =>
    guarded(async () => {
      const { events, outbox, idempotencyKeys, users, simulations, audit } = collectionsOf(db);
      await eraseSimulated(simulations, account, person);
      await waiting.moveDeleted(account, person.ids);
      await audit.updateMany({ account, subject: { $in: [...person.ids] } }, { $unset: { values: '' } });
      return {
        events: await eraseEvents(events, account, person),
        mails: await eraseMails(outbox, account, person),
        answers: await eraseAnswers(idempotencyKeys, account, person),
        reports: await eraseReferences(users, account, person),
      };
    });
}

/** Bounds of one query: the bodies of an event have up to 32 KB and are searched for every text of the person. */
const EVENTS_PER_QUERY = { min: 25, max: 500, searches: 10_000 };
/** Texts in which events of earlier versions have values; newer ones have them in `values`. */
const EVENT_TEXTS = ['path', 'requestBody', 'responseBody', 'faults.detail', 'subject.name'];
/** Fields of events of earlier versions. */
const FORMER_FIELDS: Record<string, ''> = { 'subject.externalIdHash': '' };
const ACTOR_NAME: Record<string, ''> = { 'actor.name': '', 'actor.hash': '' };
/** The account of sign-ins and of requests that concern no account. */
const SYSTEM_ACCOUNT = 'system';

/** Of an event about the person only the kind of the request and its status remain; of others, everything but the person's values. */
async function eraseEvents(events: Collections['events'], account: string, person: Person): Promise<number> {
  const exactly = [
    { 'subject.id': { $in: [...person.ids] } },
    { about: { $in: [...person.ids, ...person.hashes] } },
    { 'values.hash': { $in: [...person.hashes] } },
    { 'actor.hash': { $in: [...person.hashes] } },
  ];
  const inTexts = [...exactly, ...textsIn(EVENT_TEXTS, person.searchTexts)];
  const ofNobody = [...exactly, { 'subject.name': { $in: [...person.emails] } }];
  const { min, max, searches } = EVENTS_PER_QUERY;
  const perQuery = Math.max(min, Math.min(max, Math.floor(searches / Math.max(1, person.searchTexts.length))));
  let count = 0;
  for (const [accountId, any] of [
    [account, inTexts],
    [SYSTEM_ACCOUNT, ofNobody],
    [null, ofNobody],
  ] as const) {
    for await (const event of matchingEvents(events, accountId, any, perQuery)) {
      const change = withoutPerson(event, person);
      if (!change) continue;
      await events.updateOne({ _id: event._id }, change, { writeConcern: DURABLE });
      count += 1;
    }
  }
  return count;
}

/** The events that meet one of these conditions; each query searches at most `perQuery` events, so that none takes long. */
async function* matchingEvents(
  events: Collections['events'],
  accountId: string | null,
  any: readonly Filter<object>[],
  perQuery: number,
): AsyncIterable<RecordedEvent> {
  const account = accountId === null ? { $exists: false } : accountId;
  for (let before: string | undefined; ; ) {
    const older = { account, ...(before === undefined ? {} : { _id: { $lt: before } }) } as Filter<RecordedEvent>;
    const [end] = await events
      .find(older, { projection: { _id: 1 }, sort: { _id: -1 }, skip: perQuery - 1, limit: 1 })
      .toArray();
    const range = end ? { ...older, _id: { $gte: end._id, ...(before === undefined ? {} : { $lt: before }) } } : older;
    yield* await events.find({ ...range, $or: any } as Filter<RecordedEvent>).toArray();
    if (!end) return;
    before = end._id;
  }
}

/** The change that erases the person from an event; undefined if it does not mention the person, or no longer does. */
function withoutPerson(event: RecordedEvent, person: Person): UpdateFilter<RecordedEvent> | undefined {
  const { path, actor, subject, about = [], faults, values = [], requestBody, responseBody } = event;
  const noActor: Record<string, ''> = person.hashes.has(actor?.hash ?? '') ? ACTOR_NAME : {};
  const isSubject = subject !== undefined && person.ids.includes(subject.id);
  const isTheirs = isSubject || about.some((one) => person.hashes.has(one) || person.ids.includes(one));
  const [route = '', query = ''] = path.split(/\?(.*)/s);
  const details = (faults ?? []).map(({ detail }) => detail);
  const texts = [query, requestBody, responseBody, subject?.name, ...details].filter((text) => text);
  const remains = texts.length > 0 || values.length > 0 || about.some((one) => person.hashes.has(one));
  if ((isTheirs && remains) || [path, ...texts].some((text) => person.isIn(text ?? ''))) {
    return {
      $set: {
        path: person.isIn(decoded(route)) ? '/' : route,
        ...(faults ? { faults: faults.map(({ code }) => ({ code, detail: '' })) } : {}),
        ...(about.length > 0 ? { about: about.filter((one) => one === subject?.id) } : {}),
      },
      $unset: { requestBody: '', responseBody: '', values: '', 'subject.name': '', ...FORMER_FIELDS, ...noActor },
    };
  }
  const isNamed = values.some(({ hash }) => person.hashes.has(hash));
  if (!isNamed && Object.keys(noActor).length === 0) return undefined;
  const rest = values.map((value): EventValue => (person.hashes.has(value.hash) ? { hash: '' } : value));
  return {
    ...(isNamed ? { $set: { values: rest } } : {}),
    ...(Object.keys(noActor).length > 0 ? { $unset: noActor } : {}),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Mails that wait, failed or are only shown have content. */
async function eraseMails(mails: Collections['outbox'], account: string, person: Person): Promise<number> {
  let count = 0;
  for await (const { _id, to = '', subject = '', text = '', html = '', attachments } of mails.find({
    account,
    to: { $exists: true },
  })) {
    if (person.is(to) || person.isIn(subject) || person.isIn(text) || person.isIn(html)) await mails.deleteOne({ _id });
    else if (attachments?.some((attachment) => person.isIn(attachment.text)))
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

/** A running simulation continues without these documents; the rest of it is deleted at its end, or after a day. */
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

/** Clears unresolved manager references to the person. */
async function eraseReferences(users: Collections['users'], account: string, person: Person): Promise<number> {
  if (person.references.length === 0) return 0;
  return unsetManagers(users, usersAwaiting(account, [...person.references]), new Date());
}
