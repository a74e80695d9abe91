// Reads the access tokens that the provider has issued, for APIs of this server that an application calls for a person.

import type Provider from 'oidc-provider';
import type { ClientStore } from './provider-store.ts';

/** Whose token it is. */
interface TokenOwner {
  account: string;
  user: string;
}

/** Finds whose access token this is; undefined if it is not valid (any more). @throws StoreUnavailable */
export type ReadAccessToken = (token: string) => Promise<TokenOwner | undefined>;

/**
 * Creates the function that reads access tokens, by what the user info endpoint of oidc-provider goes by: the token, its session and
 * grant, and its client. The adapter finds none of them for a user who may not be signed in.
 */
export function createAccessTokens(
  provider: () => Promise<Provider>,
  clients: Pick<ClientStore, 'client'>,
): ReadAccessToken {
  return async (token) => {
    const { AccessToken, Grant } = await provider();
    const found = await AccessToken.find(token);
    if (!found?.accountId || !found.clientId || !found.grantId || !found.scopes.has('openid')) return undefined;
    const [grant, client] = await Promise.all([Grant.find(found.grantId), clients.client(found.clientId)]);
    if (!client || grant?.accountId !== found.accountId || grant.clientId !== found.clientId) return undefined;
    return { account: client.account, user: found.accountId };
  };
}
