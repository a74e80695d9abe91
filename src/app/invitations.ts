// Wires up invitations: their operations over the directory, the mails about them, and the daily work.

import { randomUUID } from 'node:crypto';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { administratorsConnection } from '../directory/accounts/accounts.ts';
import type { Erasure } from '../directory/erasure/erasure.ts';
import { timeZoneOf } from '../directory/invitations/days.ts';
import type { InvitationReader } from '../directory/invitations/invitation.ts';
import { createInvitations, type Invitations } from '../directory/invitations/invitations.ts';
import { beginInvitation, type InviterOptions, simulatedInvitation } from '../directory/invitations/inviter.ts';
import type { Account, Caller } from '../directory/model.ts';
import type { FindDeliveries, InvitationOperationsOptions } from '../doors/admin/operations/invitations.ts';
import type { RowInvitations } from '../doors/csv/import/row-invitation.ts';
import { invitationMail, plannedInvitationMail } from '../doors/learners/mails.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createInvitationStore } from '../mongo/invitations/invitations.ts';
import { createMailDesk } from '../mongo/mail-desk.ts';
import { createDailyLease } from '../mongo/runs/daily-lease.ts';
import { localTime } from '../runs/daily-lease.ts';
import type { Directory } from './directory.ts';
import { composeMails } from './mails.ts';

/** What invitations are made from. */
export interface InvitationParts {
  mongo: Pick<Mongo, 'client' | 'db'>;
  directory: Pick<Directory, 'provision' | 'lookup' | 'references' | 'records'>;
  erasure: Pick<Erasure, 'eraseUser'>;
  publicUrl: string;
  /** Whether text messages can be sent. */
  hasTextMessages: boolean;
  now?: () => Date;
}

/** The operations on invitations, and what is read of them. */
export interface InvitationDesk {
  invitations: Invitations;
  invitationReader: InvitationReader;
  deliveries: FindDeliveries;
  plannedMail: InvitationOperationsOptions['plannedMail'];
  now: () => Date;
}

/** People who share a mailbox; more are not compared by name. */
const INVITED_MAX = 100;

/** Creates the operations on invitations. */
export function composeInvitations(parts: InvitationParts): InvitationDesk {
  const { mongo, directory, erasure, now = () => new Date() } = parts;
  const { client, db } = mongo;
  const store = createInvitationStore(client, db);
  const desk = createMailDesk(db);
  const invitations = createInvitations({
    ...directory,
    ...mailsOf(db, parts, now),
    store,
    erasure,
    invitedUnder: (account, email) => directory.records.usersWith(account, 'invitedEmail', email, INVITED_MAX),
    lastTold: async (account, invitation) => (await desk.deliveries(account, [invitation]))[0]?.created,
    withdrawMails: (account, invitation) => desk.withdraw(account, invitation),
  });
  return {
    invitations,
    invitationReader: store,
    deliveries: (account, references) => desk.deliveries(account, references),
    async plannedMail(account, planned) {
      const { channel, language } = planned;
      const template =
        channel === 'mail' ? await composeMails(db, now).templates.find(account.id, 'invite', language) : undefined;
      return plannedInvitationMail(account, planned, template);
    },
    now,
  };
}

/** The messages of invitations, which go to the outbox. */
function mailsOf(
  db: Mongo['db'],
  { publicUrl, hasTextMessages }: Pick<InvitationParts, 'publicUrl' | 'hasTextMessages'>,
  now: () => Date,
): Omit<InviterOptions, 'store'> {
  const { outbox, templates } = composeMails(db, now);
  return {
    async tell(mail) {
      const { kind, language, account, to } = mail;
      const template = to.channel === 'mail' ? await templates.find(account.id, kind, language) : undefined;
      return outbox.enqueue(invitationMail(mail, publicUrl, template));
    },
    hasTextMessages,
    now,
  };
}

/** The invitations of the rows of files, and those of simulations. */
export function composeRowInvitations(
  { client, db }: Pick<Mongo, 'client' | 'db'>,
  settings: Pick<InvitationParts, 'publicUrl' | 'hasTextMessages'>,
): { real: RowInvitations; simulated: RowInvitations } {
  const options = { ...mailsOf(db, settings, () => new Date()), store: createInvitationStore(client, db) };
  const { hasTextMessages, now } = options;
  return {
    real: { hasTextMessages, begin: (account, attributes) => beginInvitation(options, account, attributes) },
    simulated: { hasTextMessages, begin: async (account) => simulatedInvitation(account, now()) },
  };
}

/** The local time after which the daily work on invitations begins: people read mails in the morning. */
const TIME = '08:00';
const PAUSE_MS = 30_000;
const LEASE_MS = 600_000;

interface InvitationWork {
  invitations: Pick<Invitations, 'daily'>;
  accounts: () => Promise<Account[]>;
  db: Mongo['db'];
  now: () => Date;
  onError: (error: unknown) => void;
}

/** Creates the daily work on the invitations of every account: once a day, by one process. Nothing runs until `start()` or `drain()`. */
export function createInvitationWork({ invitations, accounts, db, now, onError }: InvitationWork): BackgroundLoop {
  const lease = createDailyLease(db);
  const leaseHolder = randomUUID();

  async function workIfDue(account: Account): Promise<void> {
    const { day, time } = localTime(now(), timeZoneOf(account));
    const task = `invitations:${account.id}`;
    if (time < TIME || !(await lease.claim(task, day, leaseHolder, LEASE_MS))) return;
    await invitations.daily(jobCaller(account, day));
    await lease.complete(task, day, leaseHolder);
  }

  return createBackgroundLoop({
    async round(signal) {
      for (const account of await accounts()) {
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

function jobCaller(account: Account, day: string): Caller {
  return {
    account,
    connection: administratorsConnection(account),
    credentialId: '',
    door: 'invitations',
    requestId: `invitations:${account.id}:${day}`,
    by: { kind: 'job', id: 'invitations' },
  };
}
