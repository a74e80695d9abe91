// Waiting mails in MongoDB. A lease names the process that sends a mail; the id of a sent mail is kept for 30 days, so that the mail
// is not added again.

import type { Db, Filter } from 'mongodb';
import type { Channel, MailDesk, OutboxStore, StoredMail } from '../mail/outbox-store.ts';
import { createLease } from './client/lease.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { MailDocument } from './schemas/operation/outbox.ts';

/** Personal data of a mail: removed once it has been sent. A failed mail keeps it, because an administrator can send it again. */
const CONTENT = { to: '', subject: '', text: '', html: '', attachments: '' } as const;
/** How many mails about one thing are read for their newest; an invitation has far fewer. */
const DELIVERIES_MAX = 5000;

/** Creates the outbox of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createOutboxStore(db: Db, now: () => Date): OutboxStore & MailDesk {
  const { outbox: mails } = collectionsOf(db);
  const lease = createLease(mails, { holder: 'owner', until: 'due', released: ['owner'] });
  return {
    async add({ id, ...mail }) {
      const document: MailDocument = { _id: id, ...mail, created: now(), attempts: 0, state: 'waiting', due: now() };
      try {
        await guarded(() => mails.insertOne(document));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    },
    async claim(leaseHolder, leaseMs, channels) {
      // `due` is also the end of the lease, which counts by the database's clock.
      const isDue = {
        state: 'waiting',
        due: { $lte: now() },
        $expr: { $lte: ['$due', '$$NOW'] },
        ...channelCondition(channels),
      };
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
    async failed(id, leaseHolder, why, again) {
      const end = again ? { $set: { due: again, why } } : { $set: { state: 'failed', ended: now(), why } };
      await guarded(() => lease.release(id, leaseHolder, end));
    },

    async withdraw(account, reference) {
      await guarded(() => mails.deleteMany({ account, reference }));
    },
    async deliveries(account, references) {
      const found = await guarded(() =>
        mails
          .find({ account, reference: { $in: [...references] } })
          .project<Pick<MailDocument, 'reference' | 'state' | 'created' | 'why'>>({
            reference: 1,
            state: 1,
            created: 1,
            why: 1,
          })
          .sort({ created: 1 })
          .limit(DELIVERIES_MAX)
          .toArray(),
      );
      const newest = new Map(
        found.map(({ reference = '', state, created, why }) => [
          reference,
          { reference, state, created, ...(why === undefined ? {} : { why }) },
        ]),
      );
      return [...newest.values()];
    },
    async mails(account, state, { after, limit }) {
      const before = after === undefined ? {} : { _id: { $lt: after } };
      const withContent: Filter<MailDocument> = { account, state, to: { $exists: true }, ...before };
      const found = await guarded(() => mails.find(withContent).sort({ _id: -1 }).limit(limit).toArray());
      return found.map(storedMail);
    },
    async mail(account, id) {
      const found = await guarded(() => mails.findOne({ account, _id: id, to: { $exists: true } }));
      return found ? storedMail(found) : undefined;
    },
    async again(account, id) {
      const failed: Filter<MailDocument> = { account, _id: id, state: 'failed', to: { $exists: true } };
      const change = {
        $set: { state: 'waiting' as const, due: now(), attempts: 0 },
        $unset: { ended: '' as const, why: '' as const },
      };
      return (await guarded(() => mails.updateOne(failed, change))).matchedCount > 0;
    },
  };
}

/** The condition for mails that leave on one of these channels. */
function channelCondition(channels: readonly Channel[]): Filter<MailDocument> {
  if (channels.includes('mail')) return channels.includes('sms') ? {} : { channel: { $exists: false } };
  return { channel: 'sms' };
}

function storedMail({ _id, due: _due, owner: _owner, ended: _ended, ...mail }: MailDocument): StoredMail {
  return { id: _id, to: '', subject: '', text: '', ...mail };
}
