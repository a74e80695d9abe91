// Waiting mails in MongoDB. A lease names the process that sends a mail; the id of a sent mail is kept for 30 days, so that the mail
// is not added again.

import type { Db, Filter } from 'mongodb';
import type { Channel, OutboxStore, StoredMail } from '../mail/outbox-store.ts';
import { createLease } from './client/lease.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { MailDocument } from './schemas/operation/outbox.ts';

/** Personal data of a mail: removed once it has been sent. A failed mail keeps it, because an administrator can send it again. */
const CONTENT = { to: '', subject: '', text: '', html: '', attachments: '' } as const;

/** Creates the outbox of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createOutboxStore(db: Db, now: () => Date): OutboxStore {
  const { outbox: mails } = collectionsOf(db);
  const lease = createLease(mails, { holder: 'owner', until: 'due', released: ['owner'] });
  return {
    async add({ id, ...mail }) {
      const document: Omit<MailDocument, 'due'> = { _id: id, ...mail, created: now(), attempts: 0, state: 'waiting' };
      const added = { $mergeObjects: [{ $literal: document }, { due: '$$NOW' }] };
      const isAbsent = { $eq: [{ $type: '$state' }, 'missing'] };
      const unlessPresent = [{ $replaceWith: { $cond: [isAbsent, added, '$$ROOT'] } }];
      try {
        await guarded(() => mails.updateOne({ _id: id }, unlessPresent, { upsert: true }));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    },
    async claim(leaseHolder, leaseMs, channels) {
      // `due` is also the end of the lease, and counts by the database's clock, as leases do.
      const isDue = { state: 'waiting', $expr: { $lte: ['$due', '$$NOW'] }, ...channelCondition(channels) };
      const attempt = { $inc: { attempts: 1 } };
      const mail = await guarded(() => lease.claimFirst(isDue, { due: 1 }, leaseHolder, leaseMs, attempt));
      return mail && storedMail(mail);
    },
    async sent(id, leaseHolder, isKept) {
      const end = isKept
        ? { $set: { state: 'kept', ended: now() } }
        : { $set: { state: 'sent', ended: now() }, $unset: { ...CONTENT, why: '' } };
      await guarded(() => lease.release(id, leaseHolder, end));
    },
    async failed(id, leaseHolder, why, againMs) {
      if (againMs !== undefined) {
        await guarded(() => lease.renew(id, leaseHolder, againMs, { $set: { why } }));
        return;
      }
      const end = { $set: { state: 'failed', ended: now(), why } };
      await guarded(() => lease.release(id, leaseHolder, end));
    },
  };
}

/** The condition for mails that leave on one of these channels. */
function channelCondition(channels: readonly Channel[]): Filter<MailDocument> {
  if (channels.includes('mail')) return channels.includes('sms') ? {} : { channel: { $exists: false } };
  return { channel: 'sms' };
}

/** Converts a stored mail to that of the port. */
export function storedMail({ _id, due: _due, owner: _owner, ended: _ended, ...mail }: MailDocument): StoredMail {
  return { id: _id, to: '', subject: '', text: '', ...mail };
}
