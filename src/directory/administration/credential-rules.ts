// Owns who may change the password and the e-mail address of an administrator. The address counts as a credential, because links to
// set a password are sent to it.

import { type Fault, fault } from '../faults.ts';
import { type Actor, may } from './permissions.ts';

/** A request to change an administrator, as far as credentials are concerned. */
export interface CredentialChange {
  actor: Actor;
  /** Signed in with a browser; false for a personal token. */
  isInBrowser: boolean;
  target: { id: string; email: string };
  /** Whether the target has a password or an OpenID identity already. */
  hasCredentials: boolean;
  email?: string | undefined;
  password?: string | undefined;
}

/** Whether a request changes the password or the e-mail address. */
export function changesCredentials({
  target,
  email,
  password,
}: Pick<CredentialChange, 'target' | 'email' | 'password'>) {
  return password !== undefined || (email !== undefined && email.trim() !== target.email);
}

/**
 * Refuses a change of credentials that the actor may not make. Personal tokens change none. A person changes their own, with the current
 * password. Of others, a System Administrator changes everything; other roles only correct the address of an administrator who has no
 * credentials yet. Faults: forbidden.
 */
export function credentialFault(change: CredentialChange): Fault | undefined {
  if (!changesCredentials(change)) return undefined;
  const { actor, isInBrowser, target, hasCredentials, password } = change;
  const path = password === undefined ? 'email' : 'password';
  const refuse = (rule: string) => fault('forbidden', path, { operation: 'administrators.edit', rule });
  if (!isInBrowser) return refuse('a personal token cannot change passwords or e-mail addresses; sign in to do it');
  if (actor.id === target.id || may(actor, 'system.administrators')) return undefined;
  if (password !== undefined)
    return refuse('you cannot set the password of another administrator; send them a link to set one');
  return hasCredentials
    ? refuse('you cannot change the address of an administrator who can already sign in')
    : undefined;
}
