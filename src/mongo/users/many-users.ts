// Reads many users in one query, for runs over files.

import type { ManyUsers } from '../../directory/prefetch.ts';
import { INVITED_EMAIL, searchKey } from '../../directory/query/search-keys.ts';
import { createBatcher } from '../client/batcher.ts';
import { guarded } from '../client/mongo-errors.ts';
import type { Collections } from '../collections.ts';

/** The stored paths of the values by which users are looked up. */
const PATHS = {
  userName: 'fold.userName',
  externalId: 'data.externalId',
  email: 'fold.emails.value',
  invitedEmail: 'fold.emails.value',
} as const;
/** E-mails have no index of their own; search keys of these kinds narrow the candidates. */
const EMAIL_KEYS = { email: 'emails.value', invitedEmail: INVITED_EMAIL } as const;
const emailKeys = (kind: string, emails: string[]) => ({
  terms: { $in: emails.map((email) => searchKey(kind, email)) },
});
/** The maximum number of users that are read at once; many users may share a mailbox. */
const FOUND_MAX = 5000;

interface Found {
  _id: string;
  data?: { externalId?: string };
  fold?: { userName?: string; emails?: { value?: string }[] };
}

/** Creates the reader. Every method throws StoreUnavailable if the database is unreachable. */
export function createManyUsers({ users }: Pick<Collections, 'users'>): ManyUsers {
  return {
    async idsBy(account, by, values) {
      const path = PATHS[by];
      const searchKeys = by in EMAIL_KEYS ? emailKeys(EMAIL_KEYS[by as keyof typeof EMAIL_KEYS], values) : {};
      const invited = by === 'invitedEmail' ? { lifecycle: 'invited' as const } : {};
      const found = await guarded(() =>
        users
          .find({ account, ...searchKeys, ...invited, [path]: { $in: values } }, { limit: FOUND_MAX + 1 })
          .project<Found>({ [path]: 1 })
          .toArray(),
      );
      if (found.length > FOUND_MAX) return undefined;
      const ids = new Map<string, string[]>();
      for (const user of found) {
        for (const value of valuesOf(user)) ids.set(value, [...(ids.get(value) ?? []), user._id]);
      }
      return ids;
    },
    forChange: (account, ids) =>
      guarded(() => users.find({ account, _id: { $in: ids } }, { projection: { changes: 0 } }).toArray()),
  };
}

/** The values of the projected path. */
function valuesOf({ data, fold }: Found): string[] {
  const emails = (fold?.emails ?? []).flatMap(({ value }) => value ?? []);
  return [...new Set([data?.externalId ?? [], fold?.userName ?? [], emails].flat())];
}

/** An e-mail, folded, in an account. */
interface InvitedUnder {
  account: string;
  email: string;
}

/**
 * Makes the function that returns the ids of the users who are invited under an e-mail. Every user whom a client creates is asked for,
 * so questions that arrive together are one query per account.
 */
export function createInvitedLookup(many: Pick<ManyUsers, 'idsBy'>): (asked: InvitedUnder) => Promise<string[]> {
  const idsOf = async (account: string, emails: string[]): Promise<ReadonlyMap<string, string[]>> => {
    const found = await many.idsBy(account, 'invitedEmail', emails);
    // Nobody is told apart among thousands under one e-mail.
    if (found || emails.length === 1) return found ?? new Map();
    const middle = Math.ceil(emails.length / 2);
    const halves = await Promise.all([idsOf(account, emails.slice(0, middle)), idsOf(account, emails.slice(middle))]);
    return new Map(halves.flatMap((half) => [...half]));
  };
  return createBatcher<InvitedUnder, string[]>({
    batchesMax: 2,
    itemsMax: 256,
    async run(items) {
      const asked = new Map<string, Set<string>>();
      for (const { account, email } of items) asked.set(account, (asked.get(account) ?? new Set()).add(email));
      const found = new Map<string, ReadonlyMap<string, string[]>>();
      await Promise.all(
        [...asked].map(async ([account, emails]) => {
          found.set(account, await idsOf(account, [...emails]));
        }),
      );
      return items.map(({ account, email }) => ({ ok: true, value: found.get(account)?.get(email) ?? [] }));
    },
  });
}
