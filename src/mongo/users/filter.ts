// Translates filters on user attributes that are not stored in `data`: stores and groups (through links), managers, status, schemas.

import type { Filter as MongoFilter } from 'mongodb';
import type { StoredGroup, StoredStore } from '../../directory/model.ts';
import { QueryNotSupported } from '../../directory/ports.ts';
import type { Filter } from '../../directory/query/query.ts';
import { type SearchKeyState, searchKey } from '../../directory/query/search-keys.ts';
import { ACCOUNT_KEY, accountUrn, isAccountUrn } from '../../directory/schema/account-attributes.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { Attribute, ResourceSchema } from '../../directory/schema/schema.ts';
import type { Collections } from '../collections.ts';
import {
  type AttributeOverrides,
  type Compare,
  type Condition,
  commonCompare,
  commonPresent,
  compareStored,
  comparison,
  EVERYTHING,
  elementAt,
  foldedLiteral,
  NOTHING,
  presentAt,
} from '../query/filter.ts';
import { beginsWith } from '../query/pages.ts';

/** The maximum number of groups or stores that a filter may match; no index supports a query with more of them well. */
const TARGETS_MAX = 1000;
const INLINE = /^inline:/;

/** The path of each sub-attribute of a link in the collection of stores. */
const STORE_FIELDS: Record<string, string> = { value: 'refId', display: 'name', country: 'country' };
/** Users are found by any ID of their groups, including IDs that another source stated. */
const GROUP_FIELDS: Record<string, string> = { value: 'identities.value', display: 'nameFold', type: 'typeFold' };
const MEMBERSHIP_FIELDS: Record<string, string> = { value: '_id', display: 'nameFold' };
const FLAT: Record<string, { list: 'stores' | 'groups'; sub: string }> = {
  storeRefId: { list: 'stores', sub: 'value' },
  storeName: { list: 'stores', sub: 'display' },
  storeCountry: { list: 'stores', sub: 'country' },
  userGroupId: { list: 'groups', sub: 'value' },
  userGroupName: { list: 'groups', sub: 'display' },
  userGroupType: { list: 'groups', sub: 'type' },
};

/** Users with missing data. */
const INCOMPLETE: Condition = {
  $and: [{ terms: { $elemMatch: beginsWith(searchKey('missing', '')) } }, { 'missing.0': { $exists: true } }],
};

/** Finds the key of an extension by its URN. That of the account, which has its slug, is not in the schemas that all accounts share. */
function extensionKeys(account: string, accounts: Collections['accounts'], { extensions }: ResourceSchema) {
  return async (urn: string): Promise<string | undefined> => {
    const wanted = urn.toLowerCase();
    if (!isAccountUrn(urn)) return extensions.find((part) => part.urn.toLowerCase() === wanted)?.key;
    const own = await accounts.findOne({ _id: account }, { projection: { slug: 1 } });
    return own && accountUrn(own.slug).toLowerCase() === wanted ? ACCOUNT_KEY : undefined;
  };
}

/** Creates the overrides for the user attributes that are not stored in `data`. Its methods throw QueryNotSupported. */
export function userAttributeOverrides(
  account: string,
  { accounts, groups, stores }: Pick<Collections, 'accounts' | 'groups' | 'stores'>,
  schema: ResourceSchema,
): AttributeOverrides {
  // Compares keys, because the caller may have loaded the schemas separately and have other attribute objects.
  const keysWithSearchKeys = new Set(schema.searchKeyAttributes.map(({ key }) => key));
  const hasSearchKeys = ({ key, isMatching }: Attribute): boolean => isMatching === true || keysWithSearchKeys.has(key);
  const extensionKey = extensionKeys(account, accounts, schema);

  /** Ids of the groups or stores that satisfy a condition. */
  async function targets(list: 'stores' | 'groups', condition: Condition, path: string): Promise<string[]> {
    const query = { $and: [{ account }, condition] };
    const cursor =
      list === 'stores'
        ? stores.find(query as MongoFilter<StoredStore>, { projection: { _id: 1 }, limit: TARGETS_MAX + 1 })
        : groups.find(query as MongoFilter<StoredGroup>, { projection: { _id: 1 }, limit: TARGETS_MAX + 1 });
    const ids = (await cursor.toArray()).map((target) => target._id);
    if (ids.length > TARGETS_MAX) {
      throw new QueryNotSupported(path, `the filter matches more than ${TARGETS_MAX} ${list}; narrow it`);
    }
    return ids;
  }

  /** The list of links that an attribute is made from; undefined for other attributes. */
  const listOf = (attribute: Attribute) => {
    switch ((attribute.parent ?? attribute).key) {
      case 'mobietrain.stores':
        return { list: 'stores' as const, fields: STORE_FIELDS, inline: false };
      case 'mobietrain.userGroups':
        return { list: 'groups' as const, fields: GROUP_FIELDS, inline: true };
      case 'groups':
        return { list: 'groups' as const, fields: MEMBERSHIP_FIELDS, inline: false };
      default:
        return undefined;
    }
  };

  /** Users who have a link whose target satisfies the filter. */
  async function linkedTo(attribute: Attribute, filter: Filter): Promise<Condition> {
    const links = listOf(attribute);
    if (!links) throw new QueryNotSupported(attribute.path, 'can not be filtered by');
    const { target, primary } = splitElement(filter, links.fields, attribute);
    const link: Record<string, unknown> = {};
    const to = target && (await targets(links.list, target, attribute.path));
    if (to) link.to = { $in: to };
    if (primary !== undefined) link.primary = primary ? true : { $ne: true };
    if (links.inline) link.origins = INLINE;
    const keys = Object.keys(link);
    const isPlain = keys.length === 1 && keys[0] === 'to';
    const exact = isPlain ? { [`${links.list}.to`]: link.to } : { [links.list]: { $elemMatch: link } };
    if (isPlain && links.list === 'groups') return exact;
    return to ? withTargetKeys(links.list, to, exact) : exact;
  }

  return {
    async compare(term) {
      const { attribute, operator, value } = term;
      const common = commonCompare(term, schema.name);
      if (common) return common;
      if (attribute.key === 'schemas') return schemasCondition(term, schema, extensionKey);
      if (attribute.key === 'enterprise.manager.value') return managerCondition(term);
      if (attribute.key === 'enterprise.manager.displayName' || attribute.name === '$ref') {
        throw new QueryNotSupported(attribute.path, 'is computed for the response and can not be filtered by');
      }
      if (attribute.key === 'active') return activeCondition(term);
      if (attribute.key === 'mobietrain.status') return statusCondition(term);
      if (attribute.key === 'mobietrain.missing') {
        return withSearchKeys('missing', operator, value, comparison('missing', operator, value));
      }
      if (hasSearchKeys(attribute))
        return withSearchKeys(attribute.key, operator, foldedLiteral(term), compareStored(term));
      const flat = attribute.key.startsWith('mobietrain.') ? FLAT[attribute.name] : undefined;
      if (flat) return flatCondition(term, flat, targets);
      if (!listOf(attribute)) return undefined;
      if (operator === 'ne' && value !== null) {
        return linkedTo(attribute, { kind: 'not', term: { ...term, operator: 'eq' } });
      }
      if (value === null) return operator === 'ne' ? presentLink(attribute) : { $nor: [presentLink(attribute)] };
      return linkedTo(attribute, term);
    },
    async present(attribute) {
      const common = commonPresent(attribute);
      if (common) return common;
      if (attribute.key === 'mobietrain.status') return EVERYTHING;
      if (attribute.key === 'mobietrain.missing') return INCOMPLETE;
      if (listOf(attribute)) return presentLink(attribute);
      const flat = attribute.key.startsWith('mobietrain.') ? FLAT[attribute.name] : undefined;
      if (!flat) return undefined;
      const link =
        flat.list === 'stores' ? { 'stores.0': { $exists: true } } : { groups: { $elemMatch: { origins: INLINE } } };
      return { $or: [link, presentAt(`loose.${attribute.name}`)] };
    },
    async element(attribute, filter) {
      if (listOf(attribute)) return linkedTo(attribute, filter);
      const candidates = candidatesOfElement(filter);
      return candidates && { $and: [candidates, elementAt(attribute, filter)] };
    },
  };

  /** Narrows the candidates for a filter on one element by a value that has search keys; undefined if the filter has no such value. */
  function candidatesOfElement(filter: Filter): Condition | undefined {
    if (filter.kind === 'and') {
      for (const term of filter.terms) {
        const candidates = candidatesOfElement(term);
        if (candidates) return candidates;
      }
    }
    if (filter.kind !== 'compare' || filter.operator === 'ne' || !hasSearchKeys(filter.attribute)) return undefined;
    const text = foldedLiteral(filter);
    return typeof text === 'string'
      ? { terms: searchKeysMatching(filter.attribute.key, filter.operator, text) }
      : undefined;
  }

  function presentLink(attribute: Attribute): Condition {
    const links = listOf(attribute.parent ?? attribute);
    if (attribute.parent && attribute.name === 'primary') return { [`${links?.list}.primary`]: true };
    return links?.inline
      ? { groups: { $elemMatch: { origins: INLINE } } }
      : { [`${links?.list}.0`]: { $exists: true } };
  }
}

/** Splits a filter on one element into the condition on its target and whether it must be the primary element. */
function splitElement(
  filter: Filter,
  fields: Record<string, string>,
  list: Attribute,
): { target: Condition | undefined; primary: boolean | undefined } {
  const operands = filter.kind === 'and' ? filter.terms : [filter];
  const conditions: Condition[] = [];
  let primary: boolean | undefined;
  for (const term of operands) {
    if (term.kind === 'compare' && term.attribute.name === 'primary' && term.operator === 'eq')
      primary = term.value === true;
    else conditions.push(targetCondition(term, fields, list));
  }
  return { target: conditions.length > 0 ? { $and: conditions } : undefined, primary };
}

function targetCondition(filter: Filter, fields: Record<string, string>, list: Attribute): Condition {
  switch (filter.kind) {
    case 'and':
      return { $and: filter.terms.map((term) => targetCondition(term, fields, list)) };
    case 'or':
      return { $or: filter.terms.map((term) => targetCondition(term, fields, list)) };
    case 'not':
      return { $nor: [targetCondition(filter.term, fields, list)] };
    case 'present':
      return presentAt(fieldOf(filter.attribute, fields));
    case 'compare': {
      const field = fieldOf(filter.attribute, fields);
      const value = foldedLiteral(filter);
      // The name of a store is stored as written but compared ignoring case.
      if (field === 'name' && typeof value === 'string') return storeNameCondition(filter, value);
      return comparison(field, filter.operator, value);
    }
    case 'element':
      throw new QueryNotSupported(list.path, 'a filter inside [] can not hold another');
  }
}

function storeNameCondition({ operator, attribute }: Compare, folded: string): Condition {
  switch (operator) {
    case 'eq':
    case 'ne':
    case 'co':
    case 'sw':
    case 'ew':
      return comparison('nameFold', operator, folded);
    default:
      throw new QueryNotSupported(attribute.path, 'only eq, ne, co, sw and ew compare store names');
  }
}

function fieldOf(attribute: Attribute, fields: Record<string, string>): string {
  const field = Object.hasOwn(fields, attribute.name) ? fields[attribute.name] : undefined;
  if (field === undefined) throw new QueryNotSupported(attribute.path, 'can not be filtered by in this combination');
  return field;
}

const ORDERS = { lt: true, le: true, gt: true, ge: true };

/** Compares the manager as sent and as resolved. */
function managerCondition(term: Compare): Condition {
  const { operator, value } = term;
  const asSent = (how: Compare['operator']) => comparison('data.enterprise.manager.value', how, value);
  if (typeof value !== 'string') return asSent(operator);
  const positive = operator === 'ne' ? 'eq' : operator;
  // Search keys are folded, but the text compares exactly, which is a different order. For order comparisons, every user with a
  // manager is therefore a candidate.
  const keyOperator = positive in ORDERS ? 'co' : positive;
  const either = {
    $or: [
      withSearchKeys('reportsTo', positive, value, comparison('manager', positive, value)),
      withSearchKeys('manager', keyOperator, foldText(value), asSent(positive)),
    ],
  };
  return operator === 'ne' ? { $nor: [either] } : either;
}

/**
 * A condition together with the search keys of its candidates. A comparison with a text can match only users who have a value.
 * @param text as it is in the search key
 */
function withSearchKeys(kind: string, operator: Compare['operator'], text: unknown, exact: Condition): Condition {
  if (typeof text !== 'string' || operator === 'ne') return exact;
  return { $and: [{ terms: searchKeysMatching(kind, operator, text) }, exact] };
}

function searchKeysMatching(kind: string, operator: Exclude<Compare['operator'], 'ne'>, text: string): unknown {
  const key = searchKey(kind, text);
  const any = beginsWith(searchKey(kind, ''));
  switch (operator) {
    case 'eq':
      return key;
    case 'sw':
      return { $elemMatch: beginsWith(key) };
    case 'lt':
    case 'le':
      return { $elemMatch: { $gte: any.$gte, $lte: key } };
    case 'gt':
    case 'ge':
      return { $elemMatch: { $gte: key, $lt: any.$lt } };
    default:
      return { $elemMatch: any };
  }
}

/**
 * Narrows the candidates for links: by search keys for stores, and for groups by the index with which members are read. That index
 * contains only users with links, and MongoDB uses it only for a condition outside of $elemMatch.
 */
function withTargetKeys(list: 'stores' | 'groups', to: readonly string[], exact: Condition): Condition {
  const candidates =
    list === 'groups' ? { 'groups.to': { $in: to } } : { terms: { $in: to.map((id) => searchKey('store', id)) } };
  return { $and: [candidates, exact] };
}

async function schemasCondition(
  { attribute, operator, value }: Compare,
  schema: ResourceSchema,
  extensionKey: (urn: string) => Promise<string | undefined>,
): Promise<Condition> {
  if (operator !== 'eq' || typeof value !== 'string')
    throw new QueryNotSupported(attribute.path, 'only eq compares schemas');
  if (value.toLowerCase() === schema.core.urn.toLowerCase()) return EVERYTHING;
  const key = await extensionKey(value);
  if (key === undefined) return NOTHING;
  const stored = presentAt(`data.${key}`);
  if (schema.name !== 'User' || key !== 'mobietrain') return stored;
  return {
    $or: [
      stored,
      { 'stores.0': { $exists: true } },
      { groups: { $elemMatch: { origins: INLINE } } },
      presentAt('loose'),
    ],
  };
}

/** Users in a state that is rare enough to have a search key. */
function inState(state: SearchKeyState, exact: Condition): Condition {
  return { $and: [{ terms: searchKey('is', state) }, exact] };
}

/** Inactive users have a search key; active users, who are nearly all users, have none. */
function activeCondition(term: Compare): Condition {
  const { operator, value } = term;
  const exact = compareStored(term);
  const isNegative = (operator === 'eq' && value === false) || (operator === 'ne' && value === true);
  return isNegative ? inState('inactive', exact) : exact;
}

/** Derives the status from the stored fields, in the same order as `statusOf`. */
function statusCondition(term: Compare): Condition {
  const { operator, attribute } = term;
  if (operator !== 'eq' && operator !== 'ne')
    throw new QueryNotSupported(attribute.path, 'only eq and ne compare the status');
  const blocked = { blocked: true };
  const inactive = { 'data.active': { $ne: true } };
  const invited = { lifecycle: 'invited' };
  const incomplete = INCOMPLETE;
  const states = new Map<string, Condition>([
    ['blocked', inState('blocked', blocked)],
    ['inactive', inState('inactive', { $and: [inactive, { $nor: [blocked] }] })],
    ['invited', inState('invited', { $and: [invited, { $nor: [blocked, inactive] }] })],
    ['incomplete', { $and: [incomplete, { $nor: [blocked, inactive, invited] }] }],
    ['active', { $nor: [blocked, inactive, invited, incomplete] }],
  ]);
  const condition = states.get(String(term.value).toLowerCase()) ?? NOTHING;
  return operator === 'eq' ? condition : { $nor: [condition] };
}

/** A flat attribute is that of the primary link's target, of the first link's if no link is primary, or an unlinked value. */
async function flatCondition(
  term: Compare,
  flat: { list: 'stores' | 'groups'; sub: string },
  targets: (list: 'stores' | 'groups', condition: Condition, path: string) => Promise<string[]>,
): Promise<Condition> {
  const { attribute, operator, value } = term;
  if (operator === 'ne' || value === null) {
    const positive = await flatCondition({ ...term, operator: 'eq', value: value ?? '' }, flat, targets);
    if (value !== null) return { $nor: [positive] };
    throw new QueryNotSupported(attribute.path, 'compare with null by pr instead');
  }
  const fields = flat.list === 'stores' ? STORE_FIELDS : GROUP_FIELDS;
  const field = fieldOf({ ...attribute, name: flat.sub }, fields);
  const folded = foldedLiteral(term);
  const condition =
    field === 'name' && typeof folded === 'string'
      ? storeNameCondition(term, folded)
      : comparison(field, operator, folded);
  const ids = await targets(flat.list, condition, attribute.path);
  const to = { $in: ids };
  const inline = flat.list === 'groups' ? { origins: INLINE } : {};
  return {
    $or: [
      withTargetKeys(flat.list, ids, { [flat.list]: { $elemMatch: { to, primary: true, ...inline } } }),
      withTargetKeys(flat.list, ids, {
        $and: [{ [`${flat.list}.0.to`]: to }, { [`${flat.list}.primary`]: { $ne: true } }],
      }),
      // An identity always creates a link; only a name or a secondary key can be unlinked.
      ...(flat.sub === 'value' ? [] : [unlinkedCondition(term)]),
    ],
  };
}

function unlinkedCondition({ attribute, operator, value }: Compare): Condition {
  return {
    $and: [{ terms: searchKey('loose', attribute.name) }, comparison(`loose.${attribute.name}`, operator, value)],
  };
}
