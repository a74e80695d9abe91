// What the body of a user refers to, looked up before the user is: codes, a superior, stores. A reference that leads nowhere is a
// fault, unless the user has it already: what another source gave may stay.

import { type Fault, fault } from '../../../../directory/faults.ts';
import type { LinkStatement } from '../../../../directory/links/changes.ts';
import { STORE_LINKS, statementsAt } from '../../../../directory/links/kinds.ts';
import { type NamedSuperior, namedSuperior, superiorFault } from '../../../../directory/managers/superior.ts';
import type { Caller, UserView } from '../../../../directory/model.ts';
import type { References } from '../../../../directory/reference-data/references.ts';
import { managerReference, textAt } from '../../../../directory/schema/attributes.ts';
import type { UserDraft } from '../user-schemas.ts';
import { hasCode, unknownCodes } from './rules.ts';
import type { UserOperationsOptions } from './user-operation.ts';

/** A store in a body as a statement about a link, with the fault if there is no such store. */
interface ResolvedStore {
  statement: LinkStatement;
  fault?: Fault;
}

/** The references of a body. */
export interface BodyReferences {
  /** The stores as they are to be linked; undefined if the body states none. */
  stores: LinkStatement[] | undefined;
  /** What leads nowhere, for a user as it is now; undefined for a new one. Faults: unknownReference, ambiguousIdentity, required, invalidValue. */
  faults(current: UserView | undefined): Fault[];
}

type Directories = Pick<UserOperationsOptions, 'references' | 'referenceData' | 'lookup'>;

/** Looks up what a body refers to. @throws StoreUnavailable */
export async function referencesOf(
  { references, referenceData, lookup }: Directories,
  caller: Caller,
  body: UserDraft,
): Promise<BodyReferences> {
  const [unknown, superior, stores] = await Promise.all([
    unknownCodes(referenceData, caller, body),
    superiorOf({ references, lookup }, caller, body),
    storesOf(references, caller, body),
  ]);
  return {
    stores: stores?.map(({ statement }) => statement),
    faults: (current) => [
      ...unknown.filter((code) => !current || !hasCode(current, code)),
      ...superiorFaults(body, superior, current),
      ...(stores ?? []).flatMap((store) => (store.fault && !hasStore(current, store.statement) ? store.fault : [])),
    ],
  };
}

async function superiorOf(
  { references, lookup }: Pick<Directories, 'references' | 'lookup'>,
  caller: Caller,
  { manager }: UserDraft,
): Promise<NamedSuperior | undefined> {
  const id = manager ? await references.manager(caller, manager) : undefined;
  const user = id === undefined ? undefined : await lookup.user(caller, id);
  return user && namedSuperior(user);
}

function superiorFaults(
  { manager }: UserDraft,
  superior: NamedSuperior | undefined,
  current: UserView | undefined,
): Fault[] {
  if (!manager) return [];
  const known = current && managerReference(current.attributes);
  if (known !== undefined && (known === manager || known === superior?.id)) return [];
  const why = superiorFault(superior, manager, current?.id);
  return why ? [why] : [];
}

/** The stores of a body, found by ref id, or by name if they have none; undefined if the body states none. */
async function storesOf(
  references: Pick<References, 'store'>,
  caller: Caller,
  { stores }: UserDraft,
): Promise<ResolvedStore[] | undefined> {
  if (stores === undefined) return undefined;
  const resolved: ResolvedStore[] = [];
  for (const [index, { refId, name, country, primary }] of (stores ?? []).entries()) {
    const statement: LinkStatement = {
      ...(refId === '' ? {} : { reference: refId }),
      ...(name ? { name } : {}),
      ...(country ? { secondaryKey: country } : {}),
      ...(primary === undefined ? {} : { primary }),
    };
    const { reference: identity, ...values } = statement;
    const found = await references.store(caller, identity === undefined ? values : { identity, ...values });
    if (found.ok) resolved.push({ statement: asStored(statement, found.element) });
    else resolved.push({ statement, fault: storeFault(`stores[${index}]`, statement, found.fault) });
  }
  return resolved;
}

/** A statement with the ref id of the store, and the source's name if the administrators' name was repeated. */
function asStored(statement: LinkStatement, element: Parameters<typeof textAt>[0]): LinkStatement {
  const reference = textAt(element, 'value');
  const name = textAt(element, 'display');
  return {
    ...statement,
    ...(reference === undefined ? {} : { reference }),
    ...(statement.name === undefined || name === undefined ? {} : { name }),
  };
}

/** A store that does not exist is made only if all its values are stated. */
function storeFault(at: string, { reference, name, secondaryKey }: LinkStatement, unknown: Fault): Fault {
  if (reference === undefined || name === undefined || secondaryKey !== undefined) return { ...unknown, path: at };
  const rule = 'a store that does not exist yet needs its ref id, its name and its country';
  return fault('required', `${at}.country`, { rule });
}

function hasStore(current: UserView | undefined, { reference, name }: LinkStatement): boolean {
  if (!current) return false;
  return statementsAt(STORE_LINKS, current.attributes).some((known) =>
    reference === undefined ? known.reference === undefined && known.name === name : known.reference === reference,
  );
}
