// Mails that wait, in MongoDB. A lease says who sends one; what was sent keeps its id for a while, so that it is not made again.

import type { Db } from 'mongodb';
import type { OutboxStore } from '../mail/outbox-store.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { MailDocument } from './schemas/operation/outbox.ts';

/** The outbox of a database. Every method throws StoreUnavailable where the database is away. */
export function createOutboxStore(db: Db, now: () => Date): OutboxStore {
  const { outbox: mails } = collectionsOf(db);
  const content = { to: '', subject: '', text: '', attachments: '', owner: '' } as const;
  return {
    async add({ id, ...mail }) {
      const document: MailDocument = { _id: id, ...mail, created: now(), attempts: 0, state: 'waiting', due: now() };
      try {
        await guarded(() => mails.insertOne(document));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    },
    async claim(owner, leaseMs) {
      const at = now();
      const mail = await guarded(() =>
        mails.findOneAndUpdate(
          { state: 'waiting', due: { $lte: at } },
          { $set: { owner, due: new Date(at.getTime() + leaseMs) }, $inc: { attempts: 1 } },
          { sort: { due: 1 }, returnDocument: 'after' },
        ),
      );
      if (!mail) return undefined;
      const { _id, account, created, attempts, to = '', subject = '', text = '', attachments } = mail;
      return { id: _id, account, created, attempts, to, subject, text, ...(attachments ? { attachments } : {}) };
    },
    async sent(id, owner) {
      await guarded(() =>
        mails.updateOne({ _id: id, owner }, { $set: { state: 'sent', ended: now() }, $unset: content }),
      );
    },
    async failed(id, owner, why, again) {
      const update = again
        ? { $set: { due: again, why }, $unset: { owner: '' as const } }
        : { $set: { state: 'failed' as const, ended: now(), why }, $unset: content };
      await guarded(() => mails.updateOne({ _id: id, owner }, update));
    },
  };
}
