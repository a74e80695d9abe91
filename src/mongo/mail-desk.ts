// What administrators see of the outbox in MongoDB: what happened to mails, those that failed, and those that are only shown.

import type { Db, Filter } from 'mongodb';
import type { MailDesk } from '../mail/outbox-store.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import { storedMail } from './outbox.ts';
import type { MailDocument } from './schemas/operation/outbox.ts';

/** How many mails about one thing are read for their newest; an invitation has far fewer. */
const DELIVERIES_MAX = 5000;

/** Creates the desk of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createMailDesk(db: Db): MailDesk {
  const { outbox: mails } = collectionsOf(db);
  return {
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
      const change = [{ $set: { state: 'waiting', due: '$$NOW', attempts: 0 } }, { $unset: ['ended', 'why'] }];
      return (await guarded(() => mails.updateOne(failed, change))).matchedCount > 0;
    },
  };
}
