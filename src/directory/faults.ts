// Owns the closed list of fault codes and the form of a refusal. Each door has a table of messages for these codes, which the
// compiler checks for completeness.

/** Why a request was refused. */
export type FaultCode =
  /** A required attribute has no value. */
  | 'required'
  /** A text is longer than its limit (`params.max`, in characters). */
  | 'tooLong'
  /** More elements, operations or bytes than allowed (`params.max`). */
  | 'tooMany'
  /** A value has the wrong JSON type (`params.expected` is the right one). */
  | 'wrongType'
  /** A value breaks its attribute's format or rule (`params.rule` describes it). */
  | 'invalidValue'
  /**
   * Another resource of the account has this value (`params.holder`: the status of the user who has it, or what has it: `group`, `store`, `orgUnit`; `params.holderId`:
   * its id, if the caller may know).
   */
  | 'uniqueness'
  /** The resource does not exist in this account. */
  | 'notFound'
  /** A member to be added does not exist in this account (`params.id`). */
  | 'memberNotFound'
  /** A member is a group; user groups have no hierarchy. */
  | 'nestedGroup'
  /** Clients cannot write this attribute. */
  | 'mutability'
  /** The account's limit of active users is reached (`params.limit`). */
  | 'userLimit'
  /** A row of a file identifies more than one user (`params.hits`). */
  | 'ambiguousIdentity'
  /** A row of a file has the e-mail of a user with another External ID. */
  | 'possibleDuplicate'
  /** A reference to something that does not exist but must (`params.kind`: role, organization, orgUnit, store, group, enrollmentProfile, superior; `params.value`). */
  | 'unknownReference'
  /** It cannot be removed while users have it (`params.users`: how many). */
  | 'inUse'
  /** The caller's role does not allow this (`params.operation`). */
  | 'forbidden'
  /** The resource has another version than the request's precondition demands. */
  | 'preconditionFailed'
  /** Too many concurrent writes to one resource. Nothing was written; the client can retry. */
  | 'busy';

/** One reason for a refusal. `path` is the attribute in SCIM notation (`name.givenName`, `stores[0].country`), '' for the whole request. */
export interface Fault {
  code: FaultCode;
  path: string;
  params: Readonly<Record<string, string | number>>;
}

/** All reasons for a refusal, at least one. */
export type Faults = [Fault, ...Fault[]];

/** Whether there is at least one fault, so that the request must be refused. */
export function isNonEmpty(faults: Fault[]): faults is Faults {
  return faults.length > 0;
}

/** Creates a fault. */
export function fault(code: FaultCode, path = '', params: Fault['params'] = {}): Fault {
  return { code, path, params };
}

/**
 * The result of a write: a value with its effect, or all reasons for the refusal. `left`: what a deactivation contained that was not
 * applied, or what was stored although its format is wrong.
 */
export type Outcome<T> =
  | { ok: true; value: T; effect: 'created' | 'updated' | 'unchanged' | 'deleted' | 'claimed'; left?: Fault[] }
  | { ok: false; faults: Faults };

/** Creates a refusal from one or more faults. */
export function refused(first: Fault, ...more: Fault[]): { ok: false; faults: Faults } {
  return { ok: false, faults: [first, ...more] };
}

/** Thrown if the database cannot be reached or does not answer in time. Doors answer 503 with Retry-After. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database is not available', { cause });
    this.name = 'StoreUnavailable';
  }
}
