// The interface that all resource types share, used by the dispatcher, Bulk and searches: how resources of a type are read,
// written and rendered (RFC 7644 §3.2).

import type { EventFault } from '../../../directory/event.ts';
import type { Caller, EncodedUserView, Precondition } from '../../../directory/model.ts';
import type { PendingPage, Query } from '../../../directory/query/query.ts';
import type { ResourceTypeName } from '../../../directory/schema/catalogue.ts';
import type { JsonBytes } from '../../../directory/schema/json-bytes.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { Work } from '../bulk/work.ts';
import type { Projection } from '../protocol/names/projection.ts';
import type { ResourceView } from '../protocol/renderer.ts';

/** One element of a list that is served piece by piece, ready for JSON. */
export type Element = Record<string, unknown>;

/** A resource that was written, and what the request contained that was not applied. */
export interface Written {
  view: ResourceView;
  notes: EventFault[];
}

/** A resource type behind its endpoint. Every method rejects with ScimError, DirectoryRefusal, StoreUnavailable or QueryNotSupported. */
export interface ResourceEndpoint {
  readonly schema: ResourceSchema;
  create(caller: Caller, body: unknown): Promise<Written>;
  /** `work` counts what the change costs; see bulk/work.ts. */
  replace(caller: Caller, id: string, precondition: Precondition, body: unknown, work?: Work): Promise<Written>;
  patch(caller: Caller, id: string, precondition: Precondition, body: unknown, work?: Work): Promise<Written>;
  remove(caller: Caller, id: string, precondition: Precondition): Promise<void>;
  read(caller: Caller, id: string): Promise<ResourceView | undefined>;
  list(caller: Caller, query: Query): Promise<PendingPage<ResourceView, EncodedUserView>>;
  /** The resource without its members, which `members` yields. */
  render(view: ResourceView, projection: Projection): Record<string, unknown>;
  /** Writes the JSON of `render` from a page of encoded resources. */
  write(view: EncodedUserView, projection: Projection, into: JsonBytes): void;
  /** The members of a resource in batches; undefined if there are none or the projection excludes them. */
  members(caller: Caller, view: ResourceView, projection: Projection): AsyncIterable<Element[]> | undefined;
  /** Whether a PATCH that names no attributes is answered without a body because the resource is too large. */
  isLarge(caller: Caller, id: string): Promise<boolean>;
}

/** The resource types behind their endpoints. */
export type Endpoints = Record<ResourceTypeName, ResourceEndpoint>;
