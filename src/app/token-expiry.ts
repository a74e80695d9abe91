// Wires up the mails about tokens that expire: once a day for each account, by one process.

import { randomUUID } from 'node:crypto';
import type { Administrator, AdministratorStore } from '../auth/administrator-store.ts';
import type { Credential } from '../auth/credential-store.ts';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { may } from '../directory/administration/permissions.ts';
import { dueWarning } from '../directory/health/tokens.ts';
import { timeZoneOf, todayIn } from '../directory/invitations/days.ts';
import type { Account } from '../directory/model.ts';
import { administratorLanguage, tokenExpiryMail } from '../doors/learners/mails.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createAdministratorStore } from '../mongo/accounts/administrators.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createDailyLease } from '../mongo/runs/daily-lease.ts';
import { localTime } from '../runs/daily-lease.ts';
import { composeMails } from './mails.ts';

/** The local time after which the mails are sent: people read them in the morning. */
const TIME = '08:00';
const PAUSE_MS = 60_000;
const LEASE_MS = 600_000;
const PAGE = 200;

interface TokenExpiryParts {
  mongo: Mongo;
  accounts: Pick<Accounts, 'listAccounts' | 'listConnections' | 'listCredentials'>;
  publicUrl: string;
  now: () => Date;
  onError: (error: unknown) => void;
}

/** Creates the daily work on tokens that expire. Nothing runs until `start()` or `drain()`. */
export function createTokenExpiryWork(parts: TokenExpiryParts): BackgroundLoop {
  const { mongo, accounts, now, onError } = parts;
  const lease = createDailyLease(mongo.db);
  const leaseHolder = randomUUID();
  const warn = createWarnings(parts);
  /** The day on which this process last found the work of an account done. */
  const done = new Map<string, string>();

  async function workIfDue(account: Account): Promise<void> {
    const { day, time } = localTime(now(), timeZoneOf(account));
    if (time < TIME || done.get(account.id) === day) return;
    const task = `token-expiry:${account.id}`;
    if (!(await lease.claim(task, day, leaseHolder, LEASE_MS))) return;
    await warn(account);
    await lease.complete(task, day, leaseHolder);
    done.set(account.id, day);
  }

  return createBackgroundLoop({
    async round(signal) {
      for (const account of await accounts.listAccounts()) {
        if (signal.aborted) break;
        // A problem of one account must not delay the others.
        await workIfDue(account).catch(onError);
      }
      return false;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}

/** Creates the work of one account. A mail has an id that is always the same, so it is sent once even if the work is repeated. */
function createWarnings({ mongo, accounts, publicUrl, now }: TokenExpiryParts): (account: Account) => Promise<void> {
  const { outbox, templates } = composeMails(mongo.db, now);
  const administrators = createAdministratorStore(mongo);

  return async (account) => {
    const due = (await accounts.listCredentials(account)).flatMap((token) => {
      const days = dueWarning(token, account, now());
      return days === undefined || !token.expires ? [] : [{ token, days, expires: token.expires }];
    });
    if (due.length === 0) return;
    const names = new Map((await accounts.listConnections(account)).map(({ id, name }) => [id, name]));
    const recipients = await recipientsOf(administrators, account);
    const template = await templates.find(account.id, 'tokenExpiry', administratorLanguage(account));
    for (const { token, days, expires } of due) {
      for (const to of recipients) {
        const mail = {
          id: `token-expiry:${token.id}:${days}:${to.id}`,
          account,
          to,
          connection: { id: token.connection, name: names.get(token.connection) ?? token.connection },
          token: shownName(token),
          lastDay: todayIn(account, expires),
        };
        await outbox.enqueue(tokenExpiryMail(mail, publicUrl, template));
      }
    }
  };
}

function shownName({ name, hint }: Credential): string {
  return name ?? hint;
}

/** Those who may edit the connections of an account; the System Administrators if nobody in it may. */
async function recipientsOf(store: AdministratorStore, account: Account): Promise<Administrator[]> {
  const own = await editorsAmong(store, account.id);
  return own.length > 0 ? own : editorsAmong(store, null);
}

async function editorsAmong(store: AdministratorStore, account: string | null): Promise<Administrator[]> {
  const found: Administrator[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.list(account, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.filter(({ role, disabled }) => !disabled && may({ role }, 'connections.edit')));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return found;
  }
}
