// The one decision on whether an administrator may act. It is made at every sign-in and at every request, whatever the credential.

import type { Account } from '../directory/model.ts';
import type { UserStanding } from '../directory/users/standing.ts';
import type { Administrator, CredentialStamp } from './administrator-store.ts';

/** What the decision depends on besides the administrator. Both functions throw StoreUnavailable. */
export interface StandingReader {
  accountById(id: string): Promise<Account | undefined>;
  /** The standing of a user of an account; undefined if there is no such user. */
  userStanding(account: string, user: string): Promise<UserStanding | undefined>;
}

/** An administrator who may act. */
export interface Permit {
  /** The administrator's account; absent for a System Administrator. */
  account?: Account;
  /** The state that new sessions and tokens are made with. */
  stamp: Required<CredentialStamp>;
}

/**
 * Decides whether an administrator may act; undefined if not. The administrator must be enabled and the account must exist. If the
 * administrator is a user of the directory, the user must be active, registered and not blocked, and a Superior's user must not have
 * lost that role. A session or token (`made`) must have been made in the present state.
 */
export async function mayAct(
  reader: StandingReader,
  administrator: Administrator,
  made?: CredentialStamp,
): Promise<Permit | undefined> {
  if (administrator.disabled) return undefined;
  const [account, standing] = await Promise.all([accountOf(reader, administrator), userOf(reader, administrator)]);
  if (account === 'missing' || standing === 'missing') return undefined;
  if (standing && !standing.isActive) return undefined;
  if (standing?.isFormerSuperior && administrator.role === 'superior') return undefined;
  const stamp = {
    credentialsVersion: administrator.credentialsVersion ?? 0,
    suspensions: standing?.suspensions ?? 0,
  };
  if (made && !isMadeWith(made, stamp)) return undefined;
  return { ...(account ? { account } : {}), stamp };
}

async function accountOf(reader: StandingReader, { account }: Administrator): Promise<Account | undefined | 'missing'> {
  return account === undefined ? undefined : ((await reader.accountById(account)) ?? 'missing');
}

async function userOf(
  reader: StandingReader,
  { account, user }: Administrator,
): Promise<UserStanding | undefined | 'missing'> {
  if (account === undefined || user === undefined) return undefined;
  return (await reader.userStanding(account, user)) ?? 'missing';
}

function isMadeWith({ credentialsVersion = 0, suspensions = 0 }: CredentialStamp, stamp: Required<CredentialStamp>) {
  return credentialsVersion === stamp.credentialsVersion && suspensions === stamp.suspensions;
}
