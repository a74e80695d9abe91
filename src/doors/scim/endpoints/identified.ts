// The endpoints of stores and org units: small resources with an identity that never changes, by which users name them. Every
// connection reads them; one with the right to do so writes them (RFC 7643 §3.1, RFC 7644 §3.3-§3.6).

import { storesAndUnitsFault, unknownAttributesOf } from '../../../directory/accounts/accounts.ts';
import type { Administration } from '../../../directory/administration/administration.ts';
import { isNonEmpty, type Outcome, refused } from '../../../directory/faults.ts';
import type { Caller, Precondition, StoreView } from '../../../directory/model.ts';
import { type Page, type Query, unread } from '../../../directory/query/query.ts';
import { type ReferenceData, type ReferenceItem, versionOf } from '../../../directory/reference-data/reference-data.ts';
import { textAt } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { type Attributes, emptyAttributes, type ResourceSchema } from '../../../directory/schema/schema.ts';
import { accepted, written } from '../errors.ts';
import { notFoundDetail } from '../fault-messages.ts';
import { applyUserPatch, parsePatch } from '../protocol/patch/patch.ts';
import type { Renderer, ResourceView } from '../protocol/renderer.ts';
import { badRequest, ScimError } from '../protocol/scim-error.ts';
import { normaliseResource } from '../protocol/values/resource.ts';
import type { ResourceEndpoint } from './resource.ts';

/** What the endpoint of stores needs of the directory. */
export type StoreDesk = Pick<Administration, 'store' | 'storesFound' | 'createStore' | 'changeStore' | 'deleteStore'>;
/** What the endpoint of org units needs of the directory. */
export type OrgUnitDesk = Pick<ReferenceData, 'find' | 'orgUnitsFound' | 'add' | 'rename' | 'remove'>;

/** The values of attributes that a client may change, by name; null clears a value. */
type Draft = Record<string, string | null>;

/** How resources of one type are kept. */
interface Kept {
  schema: ResourceSchema;
  /** The attribute with the identity. An `externalId` is the same value. */
  identity: 'refId' | 'code';
  /** The other attributes that clients write. */
  values: readonly string[];
  create(caller: Caller, identity: string, draft: Draft): Promise<Outcome<ResourceView>>;
  change(caller: Caller, id: string, precondition: Precondition, draft: Draft): Promise<Outcome<ResourceView>>;
  remove(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<unknown>>;
  read(caller: Caller, id: string): Promise<ResourceView | undefined>;
  list(caller: Caller, query: Query): Promise<Page<ResourceView>>;
}

/** Makes the endpoint of stores. */
export function createStoreEndpoint(schema: ResourceSchema, desk: StoreDesk, renderer: Renderer): ResourceEndpoint {
  const draftOf = ({ displayName: name, ...draft }: Draft) => ({ ...draft, ...(name === undefined ? {} : { name }) });
  const kept: Kept = {
    schema,
    identity: 'refId',
    values: ['displayName', 'country'],
    create: async (caller, refId, draft) => mapped(await desk.createStore(caller, refId, draftOf(draft)), storeView),
    change: async (caller, id, precondition, draft) =>
      mapped(await desk.changeStore(caller, id, precondition, draftOf(draft)), storeView),
    remove: (caller, id, precondition) => desk.deleteStore(caller, id, precondition),
    async read(caller, id) {
      const store = await desk.store(caller, id);
      return store && storeView(store);
    },
    async list(caller, query) {
      const page = await desk.storesFound(caller, query);
      return { ...page, resources: page.resources.map(storeView) };
    },
  };
  return createEndpoint(kept, renderer);
}

/** Makes the endpoint of org units. */
export function createOrgUnitEndpoint(schema: ResourceSchema, desk: OrgUnitDesk, renderer: Renderer): ResourceEndpoint {
  const KIND = 'orgUnit';
  const kept: Kept = {
    schema,
    identity: 'code',
    values: ['displayName'],
    async create(caller, code, { displayName: name }) {
      return mapped(await desk.add(caller, KIND, { code, ...(name ? { name } : {}) }), unitView);
    },
    async change(caller, id, precondition, { displayName: name }) {
      return mapped(await desk.rename(caller, KIND, id, precondition, name), unitView);
    },
    remove: (caller, id, precondition) => desk.remove(caller, KIND, id, precondition),
    async read({ account }, id) {
      const item = await desk.find(account.id, KIND, id);
      return item?.id === id ? unitView(item) : undefined;
    },
    async list({ account }, query) {
      const page = await desk.orgUnitsFound(account.id, query);
      return { ...page, resources: page.resources.map(unitView) };
    },
  };
  return createEndpoint(kept, renderer);
}

function createEndpoint(kept: Kept, renderer: Renderer): ResourceEndpoint {
  const { schema } = kept;
  const found = async (caller: Caller, id: string): Promise<ResourceView> => {
    const view = await kept.read(caller, id);
    if (!view) throw new ScimError(404, undefined, notFoundDetail(schema.name, id));
    return view;
  };
  return {
    schema,
    async create(caller, body) {
      mustBeAllowed(caller, schema);
      const { attributes, notes } = normaliseResource(body, schema);
      const identity = identityIn(attributes, kept) ?? '';
      return written(await kept.create(caller, identity, draftOf(attributes, kept.values)), notes);
    },
    async replace(caller, id, precondition, body) {
      mustBeAllowed(caller, schema);
      const { attributes, notes } = normaliseResource(body, schema, 'replace');
      mustStay(await found(caller, id), attributes, kept);
      return written(await kept.change(caller, id, precondition, draftOf(attributes, kept.values)), notes);
    },
    async patch(caller, id, precondition, body) {
      mustBeAllowed(caller, schema);
      const parsed = parsePatch(body, schema, unknownAttributesOf(caller.connection));
      const current = await found(caller, id);
      const { attributes, stated, notes } = applyUserPatch(current, parsed);
      mustStay(current, attributes, kept);
      // Only what the request states, so that two clients who change different attributes at the same time both succeed.
      const names = kept.values.filter((name) => stated.has(name));
      return written(await kept.change(caller, id, precondition, draftOf(attributes, names)), notes);
    },
    async remove(caller, id, precondition) {
      mustBeAllowed(caller, schema);
      await found(caller, id);
      accepted(await kept.remove(caller, id, precondition));
    },
    read: (caller, id) => kept.read(caller, id),
    list: async (caller, query) => unread(await kept.list(caller, query)),
    render: (view, projection) => renderer.render(view, projection),
    write: (view, projection, into) => renderer.write(view, projection, into),
    members: () => undefined,
    isLarge: async () => false,
  };
}

/** @throws DirectoryRefusal if the connection may not write stores and org units */
function mustBeAllowed({ connection }: Caller, { name }: ResourceSchema): void {
  const refusal = storesAndUnitsFault(connection, name);
  if (refusal) accepted(refused(refusal));
}

/** The identity that a body states by either of its names. @throws ScimError 400 invalidValue if the two differ */
function identityIn(attributes: Attributes, { identity, schema }: Kept): string | undefined {
  const own = textAt(attributes, identity);
  const external = textAt(attributes, 'externalId');
  if (own !== undefined && external !== undefined && !isSame(schema, identity, own, external))
    throw badRequest(
      'invalidValue',
      `externalId and ${identity} are the same identity: send one of them, or equal values.`,
    );
  return own ?? external;
}

function isSame({ byKey }: ResourceSchema, identity: string, one: string, other: string): boolean {
  return byKey.get(identity)?.caseExact ? one === other : foldText(one) === foldText(other);
}

/** @throws ScimError 400 mutability if a body states another identity than the resource has */
function mustStay({ attributes: current }: ResourceView, attributes: Attributes, { identity, schema }: Kept): void {
  for (const name of [identity, 'externalId']) {
    const stated = textAt(attributes, name);
    if (stated !== undefined && !isSame(schema, identity, stated, textAt(current, identity) ?? ''))
      throw badRequest(
        'mutability',
        `${name} can't be changed: users refer to it. Create another one and move the users.`,
      );
  }
}

function draftOf(attributes: Attributes, names: readonly string[]): Draft {
  return Object.fromEntries(names.map((name) => [name, textAt(attributes, name) ?? null]));
}

/** The outcome with the resource as a view; faults name attributes of SCIM. */
function mapped<T>(outcome: Outcome<T>, view: (value: T) => ResourceView): Outcome<ResourceView> {
  if (outcome.ok) return { ...outcome, value: view(outcome.value) };
  const faults = outcome.faults.map((each) => (each.path === 'name' ? { ...each, path: 'displayName' } : each));
  return isNonEmpty(faults) ? { ok: false, faults } : outcome;
}

function storeView({ id, version, created, modified, refId, name, country, adminName }: StoreView): ResourceView {
  const attributes = attributesOf({ externalId: refId, refId, displayName: name, country, adminName });
  return { id, version, created, modified, attributes };
}

function unitView(item: ReferenceItem): ResourceView {
  const { id, code, name, created, modified = created } = item;
  const attributes = attributesOf({ externalId: code, code, displayName: name });
  return { id, version: versionOf(item), created, modified, attributes };
}

function attributesOf(texts: Record<string, string | undefined>): Attributes {
  const attributes = emptyAttributes();
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) attributes[name] = text;
  return attributes;
}
