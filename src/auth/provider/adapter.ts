// The adapter of oidc-provider over our store. Ids are stored as hashes, since most of them are bearer tokens. What signs somebody in
// is found only while the person may be signed in: sessions, codes and tokens end with the standing, in every endpoint at once.

import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from './library.ts';
import type { Client, ClientStore, KeptValue, ProviderStore } from './provider-store.ts';

/** What the adapter needs. */
export interface AdapterOptions {
  store: ProviderStore;
  clients: Pick<ClientStore, 'client'>;
  /** The sign-in stamp of a user; undefined if the user may not be signed in (`stamps.ts`). */
  stampOf: (user: string) => Promise<string | undefined>;
  now: () => Date;
}

/** Makes the adapter of one kind of values; oidc-provider calls it with the name of each. */
export function createAdapterFactory(options: AdapterOptions): (kind: string) => Adapter {
  return (kind) => (kind === 'Client' ? clientAdapter(options) : valueAdapter(options, kind));
}

function valueAdapter({ store, stampOf, now }: AdapterOptions, kind: string): Adapter {
  const hashOf = (id: string) => hash(`${kind}:${id}`);

  /** The payload of a value that is still good; a session found by its uid has no id. */
  async function good(value: KeptValue | undefined, id?: string): Promise<AdapterPayload | undefined> {
    if (!value || value.expires <= now()) return undefined;
    if (value.user !== undefined && (await stampOf(value.user)) !== value.stamp) return undefined;
    const consumed = value.consumed ? { consumed: Math.floor(value.consumed.getTime() / 1000) } : {};
    return { ...value.payload, ...(id === undefined ? {} : { jti: id }), ...consumed };
  }

  return {
    async upsert(id, payload, expiresIn = 0) {
      const { jti: _id, ...stored } = payload;
      const user = kind === 'Interaction' ? undefined : payload.accountId;
      const stamp = user === undefined ? undefined : await stampOf(user);
      await store.put({
        hash: hashOf(id),
        kind,
        payload: JSON.parse(JSON.stringify(stored)) as Record<string, unknown>,
        expires: new Date(now().getTime() + expiresIn * 1000),
        ...(payload.uid === undefined ? {} : { uid: hashOf(payload.uid) }),
        ...(payload.grantId === undefined ? {} : { grant: hash(payload.grantId) }),
        ...(user === undefined ? {} : { user }),
        ...(stamp === undefined ? {} : { stamp }),
      });
    },
    find: async (id) => good(await store.get({ hash: hashOf(id) }), id),
    findByUid: async (uid) => good(await store.get({ uid: hashOf(uid) })),
    // Only for the device flow, which is off.
    findByUserCode: () => Promise.resolve(undefined),
    async consume(id) {
      if (await store.consume(hashOf(id), now())) return;
      // Two requests at once: oidc-provider has looked at both before one was used.
      throw new errors.InvalidGrant('already used');
    },
    destroy: (id) => store.remove(hashOf(id)),
    revokeByGrantId: (grant) => store.removeOfGrant(kind, hash(grant)),
  };
}

function clientAdapter({ clients }: AdapterOptions): Adapter {
  const readOnly = () => Promise.reject(new Error('clients are made by the admin API'));
  return {
    async find(id) {
      const client = await clients.client(id);
      return client && metadataOf(client);
    },
    upsert: readOnly,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
  };
}

/** Every client is public: it proves itself by PKCE and by its exact addresses, and has no secret that could leak. */
function metadataOf({ id, account, name, redirectUris, postLogoutRedirectUris }: Client): AdapterPayload {
  return {
    client_id: id,
    client_name: name,
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: redirectUris.every((uri) => /^https?:/.test(uri)) ? 'web' : 'native',
    account,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
