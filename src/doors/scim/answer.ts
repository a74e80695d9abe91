// Answers with resources: one, or a list, in memory where that is small and as a stream of JSON where members are many
// (RFC 7644 §3.1, §3.4.2).

import type { Caller } from '../../directory/model.ts';
import { entityTag } from './conditions.ts';
import { MESSAGE, type ScimResponse, type Subject } from './exchange.ts';
import type { Projection } from './protocol/projection.ts';
import type { Element, ResourceEndpoint, ResourceView } from './resource-endpoint.ts';

/** The subject of an event: which resource, and by which names people look for it. */
export function subjectOf(endpoint: ResourceEndpoint, view: ResourceView): Subject {
  const { userName, displayName, externalId } = view.attributes;
  const type = endpoint.schema.name === 'Group' ? 'Group' : 'User';
  const name = type === 'User' ? userName : displayName;
  return {
    type,
    id: view.id,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof externalId === 'string' ? { externalId } : {}),
  };
}

/**
 * An answer with one resource, its place and version in the headers too. A group of one batch of members stands in memory,
 * a larger one is streamed.
 * @see RFC 7644 §3.3, §3.4.1, §3.5.1
 */
export async function resourceAnswer(
  endpoint: ResourceEndpoint,
  caller: Caller,
  view: ResourceView,
  projection: Projection,
  status: number,
  baseUrl: string,
): Promise<ScimResponse> {
  const headers = {
    ETag: entityTag(view.version),
    Location: `${baseUrl}${endpoint.schema.endpoint}/${view.id}`,
  };
  const answer = { status, headers, subject: subjectOf(endpoint, view) };
  const body = endpoint.render(view, projection);
  const batches = endpoint.members(caller, view, projection);
  if (!batches) return { ...answer, body };
  // The first batch is read before the status is promised: a database that is away is a 503, not half an answer.
  const members = await openMembers(batches);
  if (members.rest === undefined) return { ...answer, body: withMembers(body, members.first) };
  return { ...answer, stream: resourcePieces(body, members) };
}

/** A list of resources of one type, or of several. */
export interface Listing {
  total: number;
  /** Absent where pages go by cursor. */
  startIndex?: number;
  nextCursor?: string;
  resources: { endpoint: ResourceEndpoint; view: ResourceView; projection: Projection }[];
}

/**
 * An answer with a list. `itemsPerPage` is how many it holds.
 * @see RFC 7644 §3.4.2, RFC 9865 §2
 */
export function listAnswer(caller: Caller, listing: Listing): ScimResponse {
  const head = {
    schemas: [MESSAGE.list],
    totalResults: listing.total,
    ...(listing.startIndex === undefined ? {} : { startIndex: listing.startIndex }),
    itemsPerPage: listing.resources.length,
    ...(listing.nextCursor === undefined ? {} : { nextCursor: listing.nextCursor }),
  };
  const hasMembers = listing.resources.some(
    ({ endpoint, projection }) => endpoint.schema.name === 'Group' && projection.includes('members'),
  );
  if (hasMembers) return { status: 200, headers: {}, stream: listPieces(caller, head, listing.resources) };
  const resources = listing.resources.map(({ endpoint, view, projection }) => endpoint.render(view, projection));
  return { status: 200, headers: {}, body: { ...head, Resources: resources } };
}

interface OpenMembers {
  first: Element[];
  /** What follows; undefined where `first` was everything. */
  rest: AsyncIterator<Element[]> | undefined;
  second?: Element[];
}

async function openMembers(batches: AsyncIterable<Element[]>): Promise<OpenMembers> {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return { first: [], rest: undefined };
  const second = await iterator.next();
  return second.done
    ? { first: first.value, rest: undefined }
    : { first: first.value, rest: iterator, second: second.value };
}

function withMembers(body: Record<string, unknown>, members: Element[]): Record<string, unknown> {
  return members.length === 0 ? body : { ...body, members };
}

async function* resourcePieces(body: Record<string, unknown>, members: OpenMembers): AsyncIterable<string> {
  const { first, second, rest } = members;
  if (rest === undefined) {
    yield JSON.stringify(withMembers(body, first));
    return;
  }
  const head = JSON.stringify(body);
  try {
    yield `${head.slice(0, -1)}${head === '{}' ? '' : ','}"members":[${elements(first)}`;
    if (second && second.length > 0) yield `,${elements(second)}`;
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      if (next.value.length > 0) yield `,${elements(next.value)}`;
    }
    yield ']}';
  } finally {
    // A client that goes away in the middle must not leave a cursor open.
    await rest.return?.();
  }
}

/** The JSON of a list's elements without its brackets. */
function elements(list: Element[]): string {
  return JSON.stringify(list).slice(1, -1);
}

async function* listPieces(caller: Caller, head: object, resources: Listing['resources']): AsyncIterable<string> {
  let text = `${JSON.stringify(head).slice(0, -1)},"Resources":[`;
  let separator = '';
  for (const { endpoint, view, projection } of resources) {
    const body = endpoint.render(view, projection);
    const batches = endpoint.members(caller, view, projection);
    const members: OpenMembers = batches ? await openMembers(batches) : { first: [], rest: undefined };
    for await (const piece of resourcePieces(body, members)) {
      text += separator + piece;
      separator = '';
      // Small groups go out together: a write for each costs more than what is in it.
      if (text.length > PIECE_CHARS_MIN) {
        yield text;
        text = '';
      }
    }
    separator = ',';
  }
  yield `${text}]}`;
}

const PIECE_CHARS_MIN = 32_768;
