// What Users and Groups have in common for the dispatcher, for Bulk and for searches: the directory's two entries per
// resource type, and how its resources look (RFC 7644 §3.2).

import { type Faults, fault, type Outcome, refused } from '../../../directory/faults.ts';
import type { Caller, GroupView, Precondition, UserView } from '../../../directory/model.ts';
import type { PendingPage, Query } from '../../../directory/query/query.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { WriteConditions } from '../conditions.ts';
import type { Projection } from '../protocol/names/projection.ts';

export type ResourceView = UserView | GroupView;

/** One element of a list that is served piece by piece, ready for JSON. */
export type Element = Record<string, unknown>;

/** A resource type behind its endpoint. Faults are values; ScimError, StoreUnavailable and QueryNotSupported are thrown. */
export interface ResourceEndpoint {
  readonly schema: ResourceSchema;
  create(caller: Caller, body: unknown): Promise<Outcome<ResourceView>>;
  replace(caller: Caller, id: string, conditions: WriteConditions, body: unknown): Promise<Outcome<ResourceView>>;
  patch(caller: Caller, id: string, conditions: WriteConditions, body: unknown): Promise<Outcome<ResourceView>>;
  remove(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>>;
  read(caller: Caller, id: string): Promise<ResourceView | undefined>;
  list(caller: Caller, query: Query): Promise<PendingPage<ResourceView>>;
  /** The resource without what `members` gives. */
  render(view: ResourceView, projection: Projection): Record<string, unknown>;
  /** The members of a resource in batches; undefined where the type has none, or the projection leaves them out. */
  members(caller: Caller, view: ResourceView, projection: Projection): AsyncIterable<Element[]> | undefined;
  /** Whether a PATCH is answered without a body although nothing was said about attributes: the resource is too large. */
  isLarge(caller: Caller, id: string): Promise<boolean>;
}

/** What `revise` gives the directory. */
type Revision<R> = { ok: true; revision: R } | { ok: false; faults: Faults };

/**
 * A pure revision as the directory wants it, with two things taken out of its way: If-None-Match with versions, and what
 * the protocol layer throws, which must not run through the directory's commit as if it were a bug.
 */
export function guardRevision<V extends ResourceView, R>(conditions: WriteConditions, revise: (current: V) => R) {
  let thrown: { error: unknown } | undefined;
  return {
    revise: (current: V): Revision<R> => {
      thrown = undefined;
      if (conditions.not.includes(current.version)) return refused(fault('preconditionFailed'));
      try {
        return { ok: true, revision: revise(current) };
      } catch (error) {
        thrown = { error };
        return refused(fault('invalidValue'));
      }
    },
    /** Throws what the last run of the revision threw. */
    settle: <T>(outcome: Outcome<T>): Outcome<T> => {
      if (thrown && !outcome.ok) throw thrown.error;
      return outcome;
    },
  };
}
