// Whether the administrator of a request that goes on for long may still do what it asked for.

import type { IncomingHttpHeaders } from 'node:http';
import type { Administrators } from '../../../auth/administrators.ts';
import { may, type Operation } from '../../../directory/administration/permissions.ts';
import type { Account } from '../../../directory/model.ts';
import type { SessionCookies } from './cookies.ts';

interface StillMayOptions {
  administrators: Pick<Administrators, 'authenticate'>;
  cookies: Pick<SessionCookies, 'readSession'>;
  accountById: (id: string) => Promise<Account | undefined>;
}

/**
 * Makes a function that says whether the sender of these headers is still signed in, has a role with the permission, and the account is
 * still there. @throws StoreUnavailable
 */
export function createStillMay({ administrators, cookies, accountById }: StillMayOptions) {
  return async (headers: IncomingHttpHeaders, permission: Operation, account: Account): Promise<boolean> => {
    const token = cookies.readSession(headers.cookie);
    const found = await administrators.authenticate(token, headers.authorization);
    if (!found || !may(found.administrator, permission)) return false;
    // A System Administrator has no account of their own.
    if (found.account && found.account.id !== account.id) return false;
    return (await accountById(account.id)) !== undefined;
  };
}
