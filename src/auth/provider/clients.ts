// Owns the clients of accounts: the applications that sign people in, with the exact addresses to which people may return.

import { type Fault, fault, type Outcome, refused } from '../../directory/faults.ts';
import { newResourceId } from '../../directory/ids.ts';
import type { Client, ClientStore } from './provider-store.ts';

export const CLIENTS_MAX = 50;
export const CLIENT_NAME_CHARS_MAX = 255;
export const URIS_MAX = 20;
export const URI_CHARS_MAX = 2_000;

/** What a client is made from. */
export type ClientDraft = Pick<Client, 'name' | 'redirectUris' | 'startUrl'> &
  Partial<Pick<Client, 'postLogoutRedirectUris'>>;

/** Creates a client of an account. Faults: required, tooMany, invalidValue. @throws StoreUnavailable */
export async function createClient(
  store: ClientStore,
  account: string,
  { name, redirectUris, postLogoutRedirectUris = [], startUrl }: ClientDraft,
  now: () => Date,
): Promise<Outcome<Client>> {
  if (name.trim() === '') return refused(fault('required', 'name'));
  const wrong =
    addressFault('redirectUris', redirectUris) ??
    addressFault('postLogoutRedirectUris', postLogoutRedirectUris) ??
    (startUrl === undefined ? undefined : startFault(startUrl));
  if (wrong) return refused(wrong);
  if ((await store.clientsOf(account, CLIENTS_MAX)).length >= CLIENTS_MAX)
    return refused(fault('tooMany', 'clients', { max: CLIENTS_MAX }));
  const client: Client = {
    id: newResourceId(),
    account,
    name: name.trim(),
    redirectUris: [...redirectUris],
    postLogoutRedirectUris: [...postLogoutRedirectUris],
    ...(startUrl === undefined ? {} : { startUrl }),
    created: now(),
  };
  await store.addClient(client);
  return { ok: true, value: client, effect: 'created' };
}

/** Removes a client; its tokens and sessions end with it. Faults: notFound. @throws StoreUnavailable */
export async function removeClient(store: ClientStore, account: string, id: string): Promise<Outcome<undefined>> {
  if (await store.removeClient(account, id)) return { ok: true, value: undefined, effect: 'deleted' };
  return refused(fault('notFound', 'Client', { id }));
}

const RULE =
  'must be an https address, an http address of this machine (localhost), or of an app with a reversed domain name such as com.example.app:/in; without a fragment, a user name or a wildcard';

function addressFault(path: string, uris: readonly string[]): Fault | undefined {
  const wrong = uris.findIndex((uri) => !isReturnAddress(uri));
  return wrong < 0 ? undefined : fault('invalidValue', `${path}[${wrong}]`, { rule: RULE });
}

function startFault(url: string): Fault | undefined {
  const isGood = isReturnAddress(url) && /^https?:/.test(url);
  return isGood ? undefined : fault('invalidValue', 'startUrl', { rule: 'must be an https address' });
}

/** Whether people may be sent back to an address; the host part is compared with the parsed one, so that nothing is read in two ways. */
function isReturnAddress(uri: string): boolean {
  if (uri.length > URI_CHARS_MAX || /[\s\\#*\p{Cc}]/u.test(uri) || !URL.canParse(uri)) return false;
  const { protocol, host, hostname, username, password } = new URL(uri);
  if (protocol === 'https:' || protocol === 'http:') {
    const [, written] = /^https?:\/\/([^/?]+)/.exec(uri) ?? [];
    if (written === undefined || username !== '' || password !== '') return false;
    if (written.replace(/:(?:80|443)$/, '') !== host.replace(/:(?:80|443)$/, '')) return false;
    return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  }
  // A scheme of an app (RFC 8252 §7.1).
  return /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(protocol);
}
