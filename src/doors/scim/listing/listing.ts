// Lists and searches over one resource type or both, by index and by cursor (RFC 7644 §3.4.2, §3.4.3; RFC 9865 §2).

import type { Caller, EncodedUserView } from '../../../directory/model.ts';
import { type PendingPage, unread } from '../../../directory/query/query.ts';
import type { DoorResponse } from '../../contract.ts';
import type { ResourceEndpoint } from '../endpoints/resource.ts';
import { parseProjection } from '../protocol/names/projection.ts';
import type { ResourceView } from '../protocol/renderer.ts';
import { badRequest, ScimError } from '../protocol/scim-error.ts';
import { type Listing, lengthOf, listAnswer } from './answer.ts';
import type { CursorCodec, CursorPlace, CursorScope } from './cursor.ts';
import { applyTo, type ListParameters, queryOf, type TypedParameters } from './parameters.ts';

/** A resource type and the parameters that apply to it; without `typed`, none of its resources can match. */
interface Source {
  endpoint: ResourceEndpoint;
  typed: TypedParameters | undefined;
}

const NOTHING: PendingPage<ResourceView, EncodedUserView> = unread({ total: 0, resources: [] });

/**
 * Lists resources of one type, or of several one after the other, in the order given.
 * @throws ScimError 400, StoreUnavailable, QueryNotSupported
 * @see RFC 7644 §3.4.2, §3.4.2.1
 */
export async function list(
  endpoints: readonly ResourceEndpoint[],
  caller: Caller,
  parameters: ListParameters,
  cursors: CursorCodec,
): Promise<DoorResponse> {
  const sources = sourcesOf(endpoints, parameters);
  const listing =
    parameters.page.kind === 'index'
      ? await byIndex(sources, caller, parameters.page)
      : await byCursor(sources, caller, parameters, parameters.page, cursors);
  const answer = await listAnswer(caller, listing);
  const listed = parameters.filter === undefined ? wholeList(endpoints, listing) : undefined;
  return listed ? { ...answer, listed } : answer;
}

/** What a client that reads one type without a filter learns: how many resources there are. */
function wholeList([endpoint, ...others]: readonly ResourceEndpoint[], { total }: Listing): DoorResponse['listed'] {
  const type = endpoint?.schema.name;
  return others.length === 0 && (type === 'User' || type === 'Group') ? { type, total } : undefined;
}

/**
 * If one of several types lacks an attribute of the filter or the order, none of its resources match. It is an error only if no
 * type has the attribute.
 */
function sourcesOf(endpoints: readonly ResourceEndpoint[], parameters: ListParameters): Source[] {
  let refusal: ScimError | undefined;
  const sources = endpoints.map((endpoint): Source => {
    try {
      return { endpoint, typed: applyTo(endpoint.schema, parameters) };
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      refusal ??= error;
      return { endpoint, typed: undefined };
    }
  });
  if (refusal && sources.every((source) => source.typed === undefined)) throw refusal;
  if (!refusal) return sources;
  // Only attribute names can differ between the types. An error that applies to every type has been thrown above.
  return sources.map((source) => (source.typed ? source : withoutForeignOrder(source, parameters)));
}

/** A type that lacks only the sort attribute is served in its own order; one that lacks a filter's attribute is left out. */
function withoutForeignOrder({ endpoint }: Source, parameters: ListParameters): Source {
  try {
    return { endpoint, typed: applyTo(endpoint.schema, { ...parameters, sortBy: undefined }) };
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return { endpoint, typed: undefined };
  }
}

function read(
  source: Source,
  caller: Caller,
  page: Parameters<typeof queryOf>[1],
): Promise<PendingPage<ResourceView, EncodedUserView>> {
  return source.typed ? source.endpoint.list(caller, queryOf(source.typed, page)) : Promise.resolve(NOTHING);
}

function shown(
  { endpoint, typed }: Source,
  { length, at, encodedAt }: PendingPage<ResourceView, EncodedUserView>,
): Listing['parts'][number] {
  return { endpoint, projection: typed?.projection ?? parseProjection({}, endpoint.schema), length, at, encodedAt };
}

async function byIndex(
  sources: Source[],
  caller: Caller,
  page: { startIndex: number; count: number },
): Promise<Listing> {
  const parts: Listing['parts'] = [];
  let total = 0;
  for (const source of sources) {
    const startIndex = Math.max(1, page.startIndex - total);
    const count = page.count - lengthOf(parts);
    const found = await read(source, caller, { kind: 'index', startIndex, count });
    parts.push(shown(source, found));
    total += found.total;
  }
  return { total, startIndex: page.startIndex, parts };
}

async function byCursor(
  sources: Source[],
  caller: Caller,
  parameters: ListParameters,
  page: { cursor: string; count: number },
  cursors: CursorCodec,
): Promise<Listing> {
  const scope = scopeOf(sources, caller, parameters);
  let place: CursorPlace | undefined = page.cursor === '' ? undefined : cursors.decode(scope, page.cursor);
  const parts: Listing['parts'] = [];
  let total = 0;
  let next: CursorPlace | undefined;
  for (const source of sources) {
    const type = source.endpoint.schema.name;
    // Types before that of the cursor were listed on earlier pages; only their count is needed.
    const isBefore = place !== undefined && place.type !== type;
    const count = isBefore || next ? 0 : page.count - lengthOf(parts);
    const after = !isBefore && count > 0 ? place?.after : undefined;
    const found = await read(source, caller, { kind: 'cursor', count, ...(after ? { after } : {}) });
    if (count > 0) parts.push(shown(source, found));
    total += found.total;
    if (count > 0 && found.next) next = { type, after: found.next };
    // The page ends exactly with a type: the next type starts on the next page.
    else if (count === 0 && !isBefore && !next && page.count > 0 && found.total > 0) next = { type };
    if (!isBefore) place = undefined;
  }
  if (place !== undefined)
    throw badRequest('invalidCursor', 'The cursor was not issued by this server for this query.');
  return { total, parts, ...(next && page.count > 0 ? { nextCursor: cursors.encode(scope, next) } : {}) };
}

function scopeOf(sources: Source[], caller: Caller, parameters: ListParameters): CursorScope {
  const types = sources.map((source) => source.endpoint.schema.name).join(' ');
  const order = parameters.descending ? 'descending' : 'ascending';
  return { account: caller.account.id, query: [types, parameters.filter, parameters.sortBy, order] };
}
