// The one closed list of what the directory can refuse, and the shape of a refusal. Every door has a table from these
// codes to its own words, which the compiler checks for completeness.

/** Why a request was refused. */
export type FaultCode =
  /** A required attribute has no value. */
  | 'required'
  /** A text is longer than its limit (`params.max`, in characters). */
  | 'tooLong'
  /** More elements, operations or bytes than allowed (`params.max`). */
  | 'tooMany'
  /** A value has the wrong JSON type (`params.expected`). */
  | 'wrongType'
  /** A value breaks its attribute's format or rule (`params.rule`, in words). */
  | 'invalidValue'
  /** Another resource of the account holds this value. */
  | 'uniqueness'
  /** The resource does not exist in this account. */
  | 'notFound'
  /** A member that is to be added does not exist in this account (`params.id`). */
  | 'memberNotFound'
  /** A group as a member of a group; user groups have no hierarchy. */
  | 'nestedGroup'
  /** The attribute can't be written by clients. */
  | 'mutability'
  /** The account's contract allows no more active users (`params.limit`). */
  | 'userLimit'
  /** A file's row means more than one user (`params.hits`). */
  | 'ambiguousIdentity'
  /** A file's row has the e-mail of somebody with another External ID. */
  | 'possibleDuplicate'
  /** Something is named that must exist first and does not (`params.kind`: role, organization, orgUnit, store, group, enrollmentProfile, superior; `params.value`). */
  | 'unknownReference'
  /** The caller's role does not allow this (`params.operation`). */
  | 'forbidden'
  /** The resource changed since the version that the client names. */
  | 'preconditionFailed'
  /** Too many writers at once on one resource; nothing was written; try again. */
  | 'busy';

/** One refusal. `path` is the attribute as SCIM spells it (`name.givenName`, `…:User:stores[0].country`), '' for the whole request. */
export interface Fault {
  code: FaultCode;
  path: string;
  params: Readonly<Record<string, string | number>>;
}

/** Why a request was refused: at least one reason. */
export type Faults = [Fault, ...Fault[]];

/** Whether a list of faults is a refusal. */
export function isNonEmpty(faults: Fault[]): faults is Faults {
  return faults.length > 0;
}

export function fault(code: FaultCode, path = '', params: Fault['params'] = {}): Fault {
  return { code, path, params };
}

/** What a request came to: a value, or every reason why not. Never both. */
export type Outcome<T> =
  | { ok: true; value: T; effect: 'created' | 'updated' | 'unchanged' | 'deleted' | 'claimed' }
  | { ok: false; faults: Faults };

export function refused(first: Fault, ...more: Fault[]): { ok: false; faults: Faults } {
  return { ok: false, faults: [first, ...more] };
}

/** The store can't be reached or did not answer in time. The one expected exception: doors answer 503 with Retry-After. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database is not available', { cause });
    this.name = 'StoreUnavailable';
  }
}
