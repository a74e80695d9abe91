// A POST that is answered 503 may still have created its resource. If the connection sends the same content again, it gets the resource
// (201) and not the conflict with what it made itself (docs/decisions/0013-unconfirmed-creates.md).

import { createHash } from 'node:crypto';
import type { Caller } from '../../directory/model.ts';
import type { ResourceEndpoint } from './endpoints/resource.ts';
import { isConflict } from './errors.ts';
import { parseFilter } from './protocol/filter/parser.ts';
import type { ResourceView } from './protocol/renderer.ts';
import { isJsonObject, memberOf } from './protocol/values/json.ts';

/** Keeps the requests that were answered 503 although they may have taken effect. */
export interface UnconfirmedRequests {
  add(unconfirmed: { key: string; account: string; request: string }): void;
  /** The ids of the requests with this key. @throws StoreUnavailable */
  requestsOf(key: string): Promise<string[]>;
  /** Forgets them, because their outcome is about to be returned. @throws StoreUnavailable */
  forget(key: string): Promise<void>;
  /** Whether a request created this resource. @throws StoreUnavailable */
  created(type: 'User' | 'Group', id: string, request: string): Promise<boolean>;
}

/** The types whose creations are kept. The others have an identity that their 409 leads to. */
export function isKept(type: string): type is 'User' | 'Group' {
  return type === 'User' || type === 'Group';
}

/** What makes two requests the same: the connection, the type and the content. */
export function keyOfCreate(caller: Caller, type: string, body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([caller.account.id, caller.connection.id, type, body]))
    .digest('hex');
}

/**
 * The resource that an unconfirmed request with the same content created, after `error` refused to create it again.
 * @throws `error` if there is none
 */
export async function ownCreation(
  unconfirmed: UnconfirmedRequests,
  endpoint: ResourceEndpoint,
  caller: Caller,
  body: unknown,
  error: unknown,
): Promise<ResourceView> {
  const type = endpoint.schema.name;
  if (!isConflict(error) || !isKept(type)) throw error;
  const key = keyOfCreate(caller, type, body);
  const requests = await unconfirmed.requestsOf(key);
  if (requests.length === 0) throw error;
  for (const name of type === 'User' ? ['userName', 'externalId'] : ['externalId', 'displayName']) {
    const view = await namedBy(endpoint, caller, name, body);
    if (!view) continue;
    for (const request of requests) {
      if (!(await unconfirmed.created(type, view.id, request))) continue;
      await unconfirmed.forget(key);
      return view;
    }
  }
  throw error;
}

/** The resource that has the same value of an attribute as the body. */
async function namedBy(
  endpoint: ResourceEndpoint,
  caller: Caller,
  name: string,
  body: unknown,
): Promise<ResourceView | undefined> {
  const value = isJsonObject(body) ? memberOf(body, name.toLowerCase())?.value : undefined;
  if (typeof value !== 'string' || value === '') return undefined;
  const filter = parseFilter(`${name} eq ${JSON.stringify(value)}`, endpoint.schema);
  const page = await endpoint.list(caller, { filter, page: { kind: 'index', startIndex: 1, count: 1 } });
  return page.length > 0 ? page.at(0) : undefined;
}
