// Responses with one resource or a list. Small ones are built in memory; a group with many members is streamed as JSON
// (RFC 7644 §3.1, §3.4.2).

import type { Caller, EncodedUserView } from '../../../directory/model.ts';
import type { PendingPage } from '../../../directory/query/query.ts';
import { JsonBytes } from '../../../directory/schema/json-bytes.ts';
import type { DoorResponse, Subject } from '../../contract.ts';
import { entityTag } from '../../entity-tags.ts';
import { createTurns } from '../../turns.ts';
import type { Element, ResourceEndpoint } from '../endpoints/resource.ts';
import { MESSAGE } from '../protocol/messages.ts';
import type { Projection } from '../protocol/names/projection.ts';
import type { ResourceView } from '../protocol/renderer.ts';

/** The subject of an event: the resource, and the names by which it can be searched. */
function subjectOf(endpoint: ResourceEndpoint, view: ResourceView): Subject {
  const { userName, displayName, externalId } = view.attributes;
  const type = endpoint.schema.name;
  // The identity of a store or an org unit is what people call it.
  if (type === 'Store' || type === 'OrgUnit')
    return { type, id: view.id, ...(typeof externalId === 'string' ? { name: externalId } : {}) };
  const name = type === 'User' ? userName : displayName;
  return {
    type,
    id: view.id,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof externalId === 'string' ? { externalId } : {}),
  };
}

/**
 * A response with one resource, its location and version also in the headers. A group with one batch of members is built in
 * memory; a larger one is streamed.
 * @see RFC 7644 §3.3, §3.4.1, §3.5.1
 */
export async function resourceAnswer(
  endpoint: ResourceEndpoint,
  caller: Caller,
  view: ResourceView,
  projection: Projection,
  status: number,
  baseUrl: string,
): Promise<DoorResponse> {
  const headers = {
    ETag: entityTag(view.version),
    Location: `${baseUrl}${endpoint.schema.endpoint}/${view.id}`,
  };
  const answer = { status, headers, subject: subjectOf(endpoint, view) };
  const body = endpoint.render(view, projection);
  const batches = endpoint.members(caller, view, projection);
  if (!batches) return { ...answer, body };
  // The first batch is read before the status is sent, so that an unavailable database gives a 503 and not half a response.
  const members = await openMembers(batches);
  if (members.rest === undefined) return { ...answer, body: withMembers(body, members.first) };
  return { ...answer, stream: resourcePieces(body, members) };
}

/** A list of resources of one type, or of several one after the other. */
export interface Listing {
  total: number;
  /** Absent if pages are by cursor. */
  startIndex?: number;
  nextCursor?: string;
  parts: ListPart[];
}

/** The resources of one type in a list, each made on demand. */
interface ListPart extends Pick<PendingPage<ResourceView, EncodedUserView>, 'length' | 'at' | 'encodedAt'> {
  endpoint: ResourceEndpoint;
  projection: Projection;
}

/** The number of resources in all parts of a list. */
export function lengthOf(parts: readonly ListPart[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/**
 * A response with a list. `itemsPerPage` is the number of resources in it.
 * @see RFC 7644 §3.4.2, RFC 9865 §2
 */
export async function listAnswer(caller: Caller, listing: Listing): Promise<DoorResponse> {
  const length = lengthOf(listing.parts);
  const head = {
    schemas: [MESSAGE.list],
    totalResults: listing.total,
    ...(listing.startIndex === undefined ? {} : { startIndex: listing.startIndex }),
    itemsPerPage: length,
    ...(listing.nextCursor === undefined ? {} : { nextCursor: listing.nextCursor }),
  };
  const hasMembers = listing.parts.some(
    ({ endpoint, projection, length: own }) =>
      own > 0 && endpoint.schema.name === 'Group' && projection.includes('members'),
  );
  if (hasMembers) return { status: 200, headers: {}, stream: listPieces(caller, head, listing.parts) };
  return { status: 200, headers: {}, bytes: await listBytes(head, listing.parts, length) };
}

/** First estimate of the size of a resource, in bytes. */
const RESOURCE_BYTES = 2048;

/**
 * The body of a list. Only one resource at a time exists as objects and text, or none if its encoded form is written; the bytes grow with
 * each. The function yields to the event loop only for a resource that must still be read, and when it is the turn of other requests.
 */
async function listBytes(head: object, parts: readonly ListPart[], resources: number): Promise<Uint8Array> {
  const json = new JsonBytes(1024 + resources * RESOURCE_BYTES);
  json.text(`${JSON.stringify(head).slice(0, -1)},"Resources":[`);
  let separator = '';
  const turn = createTurns();
  for (const { endpoint, projection, length: own, at, encodedAt } of parts) {
    for (let index = 0; index < own; index += 1) {
      const others = turn();
      if (others) await others;
      json.text(separator);
      separator = ',';
      const encoded = encodedAt?.(index);
      if (encoded) {
        endpoint.write(encoded, projection, json);
        continue;
      }
      const made = at(index);
      const view = made instanceof Promise ? await made : made;
      json.text(JSON.stringify(endpoint.render(view, projection)));
    }
  }
  json.text(']}');
  return json.written();
}

interface OpenMembers {
  first: Element[];
  /** The batches that follow; undefined if `first` is all of them. */
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
    // If a client disconnects halfway, the database cursor must be closed.
    await rest.return?.();
  }
}

/** The JSON of a list's elements without its brackets. */
function elements(list: Element[]): string {
  return JSON.stringify(list).slice(1, -1);
}

async function* listPieces(caller: Caller, head: object, parts: readonly ListPart[]): AsyncIterable<string> {
  let text = `${JSON.stringify(head).slice(0, -1)},"Resources":[`;
  let separator = '';
  for await (const { endpoint, projection, view } of resourcesOf(parts)) {
    const body = endpoint.render(view, projection);
    const batches = endpoint.members(caller, view, projection);
    const members: OpenMembers = batches ? await openMembers(batches) : { first: [], rest: undefined };
    for await (const piece of resourcePieces(body, members)) {
      text += separator + piece;
      separator = '';
      // Small groups are sent together: one write each would cost more than their content.
      if (text.length > PIECE_CHARS_MIN) {
        yield text;
        text = '';
      }
    }
    separator = ',';
  }
  yield `${text}]}`;
}

async function* resourcesOf(parts: readonly ListPart[]) {
  for (const { endpoint, projection, length, at } of parts) {
    for (let index = 0; index < length; index += 1) yield { endpoint, projection, view: await at(index) };
  }
}

const PIECE_CHARS_MIN = 32_768;
