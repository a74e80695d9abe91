// Owns set-up links: an administrator sends one to the people who connect the customer's identity provider, and who have no account here.
// A link leads to the set-up page of one connection, expires, and can make at most two tokens, each of which is shown once.

import { createHash, randomBytes } from 'node:crypto';
import { type Fault, fault, type Outcome, refused } from '../directory/faults.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Account, Connection } from '../directory/model.ts';
import type { ConnectionDesk } from './connections.ts';
import type { SetupLink, SetupLinkStore } from './setup-link-store.ts';

export const SETUP_DAYS_MAX = 30;
const SETUP_DAYS = 7;
/** Two, so that one can be rotated without a gap. */
export const SETUP_TOKENS_MAX = 2;
const TOKEN_DAYS = 365;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const DAY_MS = 86_400_000;

/** The state of a link that a browser has opened. */
export type FoundSetup =
  | { state: 'open'; link: SetupLink; account: Account; connection: Connection }
  | { state: 'expired' | 'revoked'; account: Account }
  | { state: 'unknown' };

/** The operations on set-up links. Faults are values; StoreUnavailable is thrown. */
export interface SetupLinks extends Pick<SetupLinkStore, 'list' | 'choose' | 'tick'> {
  /** Makes a link; its token is returned only here. Faults: notFound (the connection), invalidValue (`expiresInDays`). */
  create(
    account: Account,
    connection: string,
    expiresInDays?: number,
  ): Promise<Outcome<{ link: SetupLink; token: string }>>;
  /** Faults: notFound. */
  revoke(account: string, id: string): Promise<Outcome<undefined>>;
  find(token: string): Promise<FoundSetup>;
  /**
   * Makes a token of the connection, which is returned only here. `made` is how many the page knew of: of several requests at once, one
   * gets a token. Faults: preconditionFailed (another request made one), tooMany.
   */
  makeToken(found: FoundSetup & { state: 'open' }, made: number): Promise<Outcome<{ token: string; expires?: Date }>>;
}

interface SetupLinksOptions {
  store: SetupLinkStore;
  connections: Pick<ConnectionDesk, 'listConnections' | 'createCredential'>;
  accountById: (id: string) => Promise<Account | undefined>;
  now: () => Date;
}

/** Creates the operations on set-up links. */
export function createSetupLinks({ store, connections, accountById, now }: SetupLinksOptions): SetupLinks {
  const connectionOf = async (account: Account, id: string) =>
    (await connections.listConnections(account)).find((connection) => connection.id === id);
  return {
    list: (account) => store.list(account),
    choose: (id, client) => store.choose(id, client),
    tick: (id, ticks) => store.tick(id, ticks),
    async create(account, connection, expiresInDays = SETUP_DAYS) {
      const wrong = daysFault(expiresInDays);
      if (wrong) return refused(wrong);
      if (!(await connectionOf(account, connection)))
        return refused(fault('notFound', 'Connection', { id: connection }));
      const token = randomBytes(32).toString('base64url');
      const created = now();
      const expires = new Date(created.getTime() + expiresInDays * DAY_MS);
      const link: SetupLink = {
        id: newResourceId(),
        account: account.id,
        connection,
        created,
        expires,
        tokens: 0,
        ticks: {},
      };
      await store.insert(link, hashOf(token));
      return { ok: true, value: { link, token }, effect: 'created' };
    },
    async revoke(account, id) {
      if (await store.revoke(account, id, now())) return { ok: true, value: undefined, effect: 'deleted' };
      return refused(fault('notFound', 'SetupLink', { id }));
    },
    async find(token) {
      const link = TOKEN.test(token) ? await store.byHash(hashOf(token)) : undefined;
      const account = link && (await accountById(link.account));
      if (!link || !account) return { state: 'unknown' };
      if (link.revoked) return { state: 'revoked', account };
      if (link.expires <= now()) return { state: 'expired', account };
      const connection = await connectionOf(account, link.connection);
      return connection ? { state: 'open', link, account, connection } : { state: 'revoked', account };
    },
    async makeToken({ link, connection }, made) {
      if (made >= SETUP_TOKENS_MAX) return refused(fault('tooMany', 'token', { max: SETUP_TOKENS_MAX }));
      if (!(await store.countToken(link.id, made, now()))) return refused(fault('preconditionFailed'));
      const { credential, token } = await connections.createCredential(connection, TOKEN_DAYS, 'set-up page');
      const { expires } = credential;
      return { ok: true, value: { token, ...(expires ? { expires } : {}) }, effect: 'created' };
    },
  };
}

function daysFault(days: number): Fault | undefined {
  if (Number.isInteger(days) && days >= 1 && days <= SETUP_DAYS_MAX) return undefined;
  return fault('invalidValue', 'expiresInDays', { rule: `must be a whole number from 1 to ${SETUP_DAYS_MAX}` });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
