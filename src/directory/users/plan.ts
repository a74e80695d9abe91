// Plans a change of one user: returns the writes that a change request results in, or the faults. Writes nothing; provision.ts
// commits the plan.

import { placeNewUser, rightsFaults } from '../administration/user-rights.ts';
import { changeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, isNonEmpty } from '../faults.ts';
import { changesOf, type LinkStatement, withoutBlankTexts } from '../links/changes.ts';
import { GROUP_LINKS, type LinkKind, linkKey, STORE_LINKS } from '../links/kinds.ts';
import { type AllLinks, planAllLinks } from '../links/plan.ts';
import { flatValues } from '../links/served.ts';
import type { ExternalIdOrigin, Link, StoredUser } from '../model.ts';
import { searchKeysOf } from '../query/search-keys.ts';
import type { FieldChanges, Write } from '../records.ts';
import { requiredKeysOf } from '../schema/account-attributes.ts';
import { copyAttributes, managerReference, sameValue, setAt, valueAt, withoutBlanks } from '../schema/attributes.ts';
import { foldAttributes, foldText, isObject } from '../schema/fold.ts';
import { type Attributes, type AttributeValue, emptyAttributes, type ResourceSchema } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from './change-request.ts';
import { changedValues } from './changed-values.ts';
import { isNeverRefused, onlyDeactivation, withoutFaulty } from './deactivation.ts';
import { endIfOver } from './end-date.ts';
import { deriveExternalId } from './external-id.ts';
import { formerIdentities } from './former-identities.ts';
import { isTakeover } from './provision/takeover.ts';
import {
  isRefusable,
  linkSizeFaults,
  phonesForMatching,
  sizeFaults,
  subjectOf,
  tableFaults,
  type UserCandidate,
} from './rules.ts';
import { standingAfter } from './standing.ts';
import { type Names, servedLinks, storeElements, viewUser } from './views.ts';

const SCHEMA_VERSION = 1;

/** The writes that a change request results in, or all faults. */
export type UserPlan =
  | { ok: false; faults: Faults }
  | {
      ok: true;
      changed: boolean;
      user: StoredUser;
      names: Names;
      writes: Write[];
      /** Keys of the attributes with visible changes. */
      changedKeys: string[];
      /** The change of the number of active users. */
      activeDelta: -1 | 0 | 1;
      /** Whether the request is never refused (deactivation.ts). */
      isNeverRefused?: boolean;
      /** What such a request contained that is not applied. */
      left?: Fault[];
    };

/** Attributes that a PUT without a value for them keeps, since Okta and flat clients never send them. */
const KEPT_BY_REPLACE = ['externalId', 'active'];

/**
 * Plans the creation or update of a user. A deactivation is planned without what can't be applied.
 * Faults: required, tooLong, tooMany, invalidValue, unknownReference, mutability, forbidden (of an administrator). Unique indexes check
 * uniqueness at commit.
 * @param conflicts faults of earlier plans of the same request, which were found at the commit
 */
export async function planUser(
  context: PlanContext,
  request: UserChangeRequest,
  conflicts: readonly Fault[] = [],
): Promise<UserPlan> {
  if (!isNeverRefused(context.caller, request)) return planWhole(context, request);
  const left = [...conflicts];
  const reduced = () => withoutFaulty(request, left, context.schema);
  for (const attempt of [reduced, reduced, () => onlyDeactivation(request)]) {
    const plan = await planWhole(context, attempt());
    if (plan.ok) return { ...plan, isNeverRefused: true, left };
    left.push(...plan.faults);
  }
  return { ok: false, faults: left as Faults };
}

/** Plans a request with everything that it contains. */
async function planWhole(context: PlanContext, given: UserChangeRequest): Promise<UserPlan> {
  const request = { ...given, links: withoutBlankTexts(given.links) };
  const data = attributesAfter(request);
  if (!request.current && context.caller.actor) placeNewUser(context.caller.actor, data);
  endIfOver(context, request, data);
  const externalIdFrom = deriveExternalId(request, data);
  const sizes = [
    ...requiredFaults(data, context.schema),
    ...sizeFaults(data, { stored: request.current?.data }),
    ...linkSizeFaults(request.links, (kind) => servedBefore(kind, request)),
  ];
  // The targets of a list that is too long are not loaded.
  if (isNonEmpty(sizes) && sizes.some((entry) => entry.code === 'tooMany')) return { ok: false, faults: sizes };
  const [manager, links] = await Promise.all([
    planManager(context, request, data),
    planAllLinks(context, request, data),
  ]);
  const user = nextUser(context, request, data, { manager, links, externalIdFrom });
  const validated = validate(context, request, user, links);
  const faults = [...rightsOver(context, request, user, links), ...sizes, ...links.faults, ...validated.refused];
  if (isNonEmpty(faults)) return { ok: false, faults };
  user.missing = validated.missing;
  const former = request.current ? await formerIdentities(context.identityHash, request.current, user) : [];
  if (former.length > 0) user.former = former;
  user.terms = searchKeysOf(user, context.schema);
  const changedKeys = keysOfChanges(request.current, user, context.schema);
  if (request.current) return planUpdate(context, request.current, user, links, changedKeys);
  user.sources = { '*': context.caller.connection.id };
  const keys = [
    ...changedKeys,
    ...(user.stores.length > 0 ? [linkKey(STORE_LINKS.list)] : []),
    ...(user.groups.length > 0 ? [linkKey(GROUP_LINKS.list)] : []),
  ];
  const values = changedValues(keys, undefined, user, context.schema);
  user.changes = [changeRecord(context, request.id, 'create', [], values)];
  return {
    ok: true,
    changed: true,
    user,
    names: links.names,
    writes: [...links.writes, { kind: 'insertUser', user }],
    changedKeys,
    activeDelta: activeDelta(undefined, user),
  };
}

/** The links of one kind as they were served before the request, and the flat values that belong to none. */
function servedBefore(kind: LinkKind, { current, names }: UserChangeRequest): LinkStatement[] {
  if (!current) return [];
  const served = servedLinks(kind, current, names);
  const { reference, name, secondaryKey } = flatValues(kind, [], current.loose);
  return [
    ...served,
    {
      ...(reference === undefined ? {} : { reference }),
      ...(name === undefined ? {} : { name }),
      ...(secondaryKey === undefined ? {} : { secondaryKey }),
    },
  ];
}

/** What the caller's administrator may not do of this change. Fault: forbidden. */
function rightsOver(
  { caller }: PlanContext,
  { current, names }: UserChangeRequest,
  user: StoredUser,
  links: AllLinks,
): Fault[] {
  if (!caller.actor) return [];
  return rightsFaults(caller.actor, {
    account: caller.account,
    before: current && viewUser(current, names),
    after: viewUser(user, links.names),
    groups: { before: current?.groups ?? [], after: links.groups, byId: links.names.groups },
    edited: links.edited,
  });
}

function planUpdate(
  context: PlanContext,
  current: StoredUser,
  user: StoredUser,
  links: AllLinks,
  changedKeys: string[],
): UserPlan {
  user.sources = sourcesAfter(current, changedKeys, context.caller.connection.id);
  Object.assign(user, standingAfter(current, user));
  const changes = fieldChanges(current, user);
  const isAccepted = user.termsAccepted !== current.termsAccepted;
  const visible = changedKeys.length > 0 || links.isRenamed || isAccepted;
  const changed = visible || links.writes.length > 0 || Object.keys(changes.set).length > 0 || changes.unset.length > 0;
  if (!changed)
    return { ok: true, changed, user: current, names: links.names, writes: [], changedKeys, activeDelta: 0 };
  if (visible) {
    user.version = current.version + 1;
    user.modified = context.now;
  }
  const values = changedValues(changedKeys, current, user, context.schema);
  const record = changeRecord(context, user._id, 'update', changedKeys, values);
  const update: Write = { kind: 'updateUser', id: user._id, ifRevision: current.revision, visible, changes, record };
  return {
    ok: true,
    changed: visible,
    user,
    names: links.names,
    writes: [...links.writes, update],
    changedKeys,
    activeDelta: activeDelta(current, user),
  };
}

/** The change of the number of active users between two states of a user; undefined: the user does not exist. */
export function activeDelta(before: StoredUser | undefined, after: StoredUser | undefined): -1 | 0 | 1 {
  const [was, is] = [before, after].map((user) => user?.data.active === true);
  if (was === is) return 0;
  return is ? 1 : -1;
}

/**
 * The attributes to store, without texts that are blank. A patch changes the stored ones; a create or replace uses those of the request,
 * and a replace also those that it keeps.
 */
function attributesAfter({ mode, current, attributes, stated, kept }: UserChangeRequest): Attributes {
  if (current && mode === 'patch') return patched(current.data, attributes, stated);
  const data = copyAttributes(withoutBlanks(attributes) as Attributes | undefined);
  // A password is never stored.
  delete data.password;
  if (current) {
    for (const key of KEPT_BY_REPLACE) {
      const value = current.data[key];
      if (data[key] === undefined && value !== undefined) data[key] = value;
    }
    for (const key of kept ?? []) setCopied(data, key, valueAt(current.data, key));
  }
  // A new user is active by default. Later the attribute can be removed, and a user without it cannot sign in.
  if (data.active === undefined && !current) data.active = true;
  return data;
}

function patched(stored: Attributes, attributes: Attributes, stated: ReadonlySet<string>): Attributes {
  const data = copyAttributes(stored);
  for (const key of stated) {
    if (key === 'password') continue;
    const value = valueAt(attributes, key);
    setCopied(data, key, value === undefined ? undefined : withoutBlanks(value));
  }
  return data;
}

/** Sets a value in attributes whose parts belong to others. */
function setCopied(data: Attributes, key: string, value: AttributeValue | undefined): void {
  const [top = key] = key.split('.', 1);
  const part = data[top];
  if (top !== key && isObject(part)) data[top] = copyAttributes(part);
  setAt(data, key, value);
}

function requiredFaults(data: Attributes, schema: ResourceSchema): Fault[] {
  const faults: Fault[] = [];
  for (const attribute of schema.core.attributes.values()) {
    if (attribute.required && data[attribute.name] === undefined) {
      faults.push(fault('required', attribute.path));
    }
  }
  return faults;
}

interface ManagerPlan {
  id: string | undefined;
  /** The folded reference to a manager who does not exist yet. */
  awaits?: string;
}

/** Stores the manager reference as sent and the resolved id separately. Sending the served value again keeps both. */
async function planManager(context: PlanContext, request: UserChangeRequest, data: Attributes): Promise<ManagerPlan> {
  const wanted = managerReference(data);
  if (wanted === undefined) {
    if (valueAt(data, 'enterprise.manager') !== undefined) {
      data.enterprise = copyAttributes(data.enterprise as Attributes);
      setAt(data, 'enterprise.manager', undefined);
    }
    return { id: undefined };
  }
  const stored = request.current && managerReference(request.current.data);
  const same = wanted === stored || wanted === request.current?.manager;
  const manager = emptyAttributes();
  manager.value = same && stored !== undefined ? stored : wanted;
  data.enterprise = copyAttributes(data.enterprise as Attributes);
  data.enterprise.manager = manager;
  if (same && request.current?.manager !== undefined) return { id: request.current.manager };
  const id = await context.records.userByReference(context.caller.account.id, wanted);
  return id === undefined ? { id, awaits: foldText(wanted) } : { id };
}

/** The planned parts of a user beside the attributes. */
interface UserParts {
  manager: ManagerPlan;
  links: AllLinks;
  externalIdFrom: ExternalIdOrigin | undefined;
}

function nextUser(
  { caller, now, schema }: PlanContext,
  request: UserChangeRequest,
  data: Attributes,
  { manager, links, externalIdFrom }: UserParts,
): StoredUser {
  const { id, current } = request;
  // Parsing phone numbers is slow, and most changes do not affect them.
  const isUnchanged = current !== undefined && sameValue(current.data.phoneNumbers, data.phoneNumbers);
  const phones = isUnchanged ? (current.phones ?? []) : phonesForMatching(data);
  return {
    _id: id,
    account: caller.account.id,
    version: current?.version ?? 1,
    revision: current?.revision ?? 1,
    created: current?.created ?? now,
    modified: current?.modified ?? now,
    schemaVersion: SCHEMA_VERSION,
    data,
    fold: foldAttributes(data, schema),
    groups: links.groups,
    stores: links.stores,
    ...(Object.keys(links.unlinkedValues).length > 0 ? { loose: links.unlinkedValues } : {}),
    ...(manager.id === undefined ? {} : { manager: manager.id }),
    ...(manager.awaits === undefined ? {} : { awaits: manager.awaits }),
    ...(phones.length > 0 ? { phones } : {}),
    ...(externalIdFrom === undefined ? {} : { externalIdFrom }),
    // Set after validation.
    missing: [],
    ...lifecycleAfter(caller, request, data),
    blocked: current?.blocked ?? false,
    ...acceptanceAfter(request),
    sources: {},
    changes: [],
  };
}

/** The last acceptance of the terms, which confirms the privacy policy, too. */
function acceptanceAfter({ current, termsAccepted = current?.termsAccepted }: UserChangeRequest) {
  const confirmed = termsAccepted === current?.termsAccepted ? current?.privacyPolicyConfirmed : termsAccepted?.at;
  return {
    ...(termsAccepted === undefined ? {} : { termsAccepted }),
    ...(confirmed === undefined ? {} : { privacyPolicyConfirmed: confirmed }),
  };
}

/** Whether the user is invited, and through which invitation the user came. */
function lifecycleAfter({ account, door }: PlanContext['caller'], request: UserChangeRequest, data: Attributes) {
  const { current, invitation, registers } = request;
  const takesOver = request.takesOver === true || (!request.staysInvited && isTakeover(account, door, current, data));
  const isInvited = !registers && !takesOver && (invitation !== undefined || current?.lifecycle === 'invited');
  const cameBy = takesOver ? undefined : (invitation ?? current?.invitation);
  return {
    lifecycle: isInvited ? ('invited' as const) : ('registered' as const),
    ...(cameBy === undefined ? {} : { invitation: cameBy }),
  };
}

/**
 * Validates the new state of a user. Required data is required of active users: an update is refused only for data that it changes,
 * unless it activates the user. What an inactive user lacks is only marked.
 */
function validate(context: PlanContext, request: UserChangeRequest, user: StoredUser, links: AllLinks) {
  const candidate = candidateOf(context.caller, user, links.names);
  const faults = tableFaults(candidate);
  const missing = [...new Set(faults.map((entry) => entry.path))];
  const isJudged = context.caller.account.requiredData === 'enforce' && user.data.active === true;
  if (!isJudged) return { refused: [], missing };
  const { current } = request;
  const before = current?.data.active === true ? candidateOf(context.caller, current, request.names) : undefined;
  const existing = new Set(before && tableFaults(before).map((entry) => subjectOf(entry, before)));
  return {
    refused: faults
      .filter((entry) => isRefusable(entry) && !existing.has(subjectOf(entry, candidate)))
      .map((entry) => asStated(entry, request)),
    missing,
  };
}

const FLAT_KEYS = { value: 'reference', display: 'name', country: 'secondaryKey' } as const;

/** A fault of a store at the flat attribute, if the request states its store by these alone. */
function asStated(entry: Fault, { links }: UserChangeRequest): Fault {
  const [, key] = /^stores\[\d+\]\.(value|display|country)$/.exec(entry.path) ?? [];
  const { lists, primary } = changesOf('store', links);
  if (key === undefined || lists.length > 0 || primary.length === 0) return entry;
  return { ...entry, path: STORE_LINKS.flat[FLAT_KEYS[key as keyof typeof FLAT_KEYS]] };
}

function candidateOf({ account }: PlanContext['caller'], user: StoredUser, names: Names): UserCandidate {
  return {
    data: user.data,
    stores: storeElements(user.stores, names),
    unlinkedValues: user.loose ?? emptyAttributes(),
    managerUnresolved: user.awaits !== undefined,
    needsExternalId: user.invitation === undefined,
    requiredKeys: requiredKeysOf(account),
  };
}

/** Keys of the attributes with visible changes; all keys for a create. */
function keysOfChanges(current: StoredUser | undefined, next: StoredUser, schema: ResourceSchema): string[] {
  const keys: string[] = [];
  const compare = (prefix: string, before: Attributes | undefined, after: Attributes | undefined) => {
    for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
      if (prefix === '' && schema.extensions.some((extension) => extension.key === name)) {
        compare(`${name}.`, partOf(before, name), partOf(after, name));
      } else if (!sameValue(before?.[name], after?.[name])) keys.push(prefix + name);
    }
  };
  compare('', current?.data, next.data);
  if (!current) return keys;
  if (!sameLinks(current.stores, next.stores)) keys.push(linkKey(STORE_LINKS.list));
  if (!sameLinks(current.groups, next.groups)) keys.push(linkKey(GROUP_LINKS.list));
  if (!sameValue(current.loose, next.loose)) keys.push(linkKey(STORE_LINKS.flat.secondaryKey));
  if (current.lifecycle !== next.lifecycle) keys.push('mobietrain.status');
  return keys;
}

function partOf(attributes: Attributes | undefined, name: string): Attributes | undefined {
  const part = attributes?.[name];
  return isObject(part) ? part : undefined;
}

/** Whether two lists of links look the same to clients, apart from their origins. */
function sameLinks(a: Link[], b: Link[]): boolean {
  return (
    a.length === b.length &&
    a.every((link, index) => {
      const other = b[index];
      const isInline = ({ origins }: Link) => origins.some((origin) => origin.startsWith('inline:'));
      return (
        other !== undefined &&
        link.to === other.to &&
        link.primary === other.primary &&
        link.statedId === other.statedId &&
        isInline(link) === isInline(other) &&
        sameValue(link.raw, other.raw)
      );
    })
  );
}

function sourcesAfter(current: StoredUser, changedKeys: string[], connection: string): Record<string, string> {
  if (changedKeys.every((key) => (current.sources[key.replace('.', ':')] ?? current.sources['*']) === connection)) {
    return current.sources;
  }
  const sources = { ...current.sources };
  for (const key of changedKeys) sources[key.replace('.', ':')] = connection;
  return sources;
}

function sameSet(a: readonly string[] = [], b: readonly string[] = []): boolean {
  const known = new Set(a);
  return known.size === b.length && b.every((text) => known.has(text));
}

const COMPARED_FIELDS = [
  'groups',
  'stores',
  'loose',
  'manager',
  'awaits',
  'phones',
  'externalIdFrom',
  'missing',
  'lifecycle',
  'termsAccepted',
  'privacyPolicyConfirmed',
  'invitation',
  'sources',
  'former',
  'suspensions',
  'formerSuperior',
] as const;

/** The changed fields. Attributes are compared one by one, so that a small change is a small write. */
function fieldChanges(current: StoredUser, next: StoredUser): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  const put = (path: string, before: unknown, after: unknown) => {
    if (sameValue(before as AttributeValue, after as AttributeValue)) return;
    if (after === undefined) changes.unset.push(path);
    else changes.set[path] = after;
  };
  for (const part of ['data', 'fold'] as const) {
    for (const name of new Set([...Object.keys(current[part]), ...Object.keys(next[part])])) {
      put(`${part}.${name}`, current[part][name], next[part][name]);
    }
  }
  for (const field of COMPARED_FIELDS) {
    put(field, current[field], next[field]);
  }
  // Compared as a set, since background writes change the order.
  if (!sameSet(current.terms, next.terms)) changes.set.terms = next.terms;
  return changes;
}
