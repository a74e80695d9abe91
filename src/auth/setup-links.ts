// Owns set-up links: an administrator sends one to the people who connect the customer's identity provider, and who have no account here.
// A link leads to the set-up page of one connection, expires, and makes tokens of which at most two are in use, each shown once.

import { createHash, randomBytes } from 'node:crypto';
import { type Fault, fault, type Outcome, refused } from '../directory/faults.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Account, Connection } from '../directory/model.ts';
import type { ConnectionDesk } from './connections.ts';
import type { Credential } from './credential-store.ts';
import type { SetupLink, SetupLinkStore } from './setup-link-store.ts';
import { headOfHint } from './tokens.ts';

export const SETUP_DAYS_MAX = 30;
const SETUP_DAYS = 7;
/** Two in use, so that one can be rotated without a gap. */
const TOKENS_IN_USE_MAX = 2;
/** Tokens that were lost before they were used do not count as used, but have an end, too. */
const TOKENS_MADE_MAX = 10;
const TOKEN_DAYS = 365;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const DAY_MS = 86_400_000;

/** The state of a link that a browser has opened. */
export type FoundSetup =
  | { state: 'open'; link: SetupLink; account: Account; connection: Connection }
  | { state: 'expired' | 'revoked'; account: Account }
  | { state: 'unknown' };

/** A token that was made on a set-up page, as it is now. */
interface KnownToken {
  id: string;
  at: Date;
  form?: string;
  /** Its first characters. */
  head: string;
  /** Unused: it works, and no call has come with it. */
  state: 'unused' | 'used' | 'revoked' | 'expired';
  lastUsed?: Date;
}

/** What is known of the tokens of a connection. */
export interface SetupTokens {
  /** Those that were made on the page, the oldest first. */
  made: KnownToken[];
  /** Whether another one can be made. */
  mayMake: boolean;
  /** The first characters of all tokens of the connection, by the id of the credential. */
  heads: ReadonlyMap<string, string>;
}

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
  tokens(found: FoundSetup & { state: 'open' }): Promise<SetupTokens>;
  /**
   * Makes a token of the connection, which is returned only here, and revokes those that were made on the page and never used. `made` is
   * how many the page knew of: of several requests at once, one gets a token. `form` names the form of the request. Faults:
   * preconditionFailed (another request made one), tooMany.
   */
  makeToken(
    found: FoundSetup & { state: 'open' },
    made: number,
    form?: string,
  ): Promise<Outcome<{ token: string; expires?: Date }>>;
}

interface SetupLinksOptions {
  store: SetupLinkStore;
  connections: Pick<ConnectionDesk, 'listConnections' | 'listCredentials' | 'createCredential' | 'revokeCredential'>;
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
    tokens: (found) => tokensOf(connections, found, now()),
    async makeToken(found, made, form) {
      const { link, connection } = found;
      const known = await tokensOf(connections, found, now());
      if (!known.mayMake) return refused(fault('tooMany', 'token', { max: TOKENS_IN_USE_MAX }));
      const at = now();
      if (!(await store.countToken(link.id, made, { at, ...(form === undefined ? {} : { form }) })))
        return refused(fault('preconditionFailed'));
      for (const { id, state } of known.made) if (state === 'unused') await connections.revokeCredential(id);
      const { credential, token } = await connections.createCredential(connection, TOKEN_DAYS, 'set-up page');
      await store.nameToken(link.id, at, credential.id);
      const { expires } = credential;
      return { ok: true, value: { token, ...(expires ? { expires } : {}) }, effect: 'created' };
    },
  };
}

async function tokensOf(
  { listCredentials }: Pick<ConnectionDesk, 'listCredentials'>,
  { link: { tokens, made = [] }, account, connection }: FoundSetup & { state: 'open' },
  now: Date,
): Promise<SetupTokens> {
  const credentials = new Map((await listCredentials(account, connection.id)).map((one) => [one.id, one]));
  const known = made.flatMap(({ credential = '', at, form }) => {
    const found = credentials.get(credential);
    return found ? [{ ...stateOf(found, now), at, ...(form === undefined ? {} : { form }) }] : [];
  });
  // Of those that a link of an earlier version made, nothing is known.
  const unknown = tokens - made.length;
  const inUse = known.filter(({ state }) => state === 'used').length + unknown;
  return {
    made: known,
    mayMake: inUse < TOKENS_IN_USE_MAX && tokens < TOKENS_MADE_MAX,
    heads: new Map([...credentials.values()].map(({ id, hint }) => [id, headOfHint(hint)])),
  };
}

function stateOf({ id, hint, lastUsed, expires, revoked }: Credential, now: Date): Omit<KnownToken, 'at' | 'form'> {
  const over = revoked ? 'revoked' : expires && expires <= now ? 'expired' : undefined;
  const state = over ?? (lastUsed ? 'used' : 'unused');
  return { id, head: headOfHint(hint), state, ...(lastUsed ? { lastUsed } : {}) };
}

function daysFault(days: number): Fault | undefined {
  if (Number.isInteger(days) && days >= 1 && days <= SETUP_DAYS_MAX) return undefined;
  return fault('invalidValue', 'expiresInDays', { rule: `must be a whole number from 1 to ${SETUP_DAYS_MAX}` });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
