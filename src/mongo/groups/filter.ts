// Translates filters on group attributes, which have their own stored fields, and on members, which are links on users.

import { QueryNotSupported } from '../../directory/ports.ts';
import type { Filter } from '../../directory/query/query.ts';
import type { Attribute, ResourceSchema } from '../../directory/schema/schema.ts';
import type { Collections } from '../collections.ts';
import {
  type AttributeOverrides,
  type Compare,
  type Condition,
  commonCompare,
  commonPresent,
  comparison,
  EVERYTHING,
  foldedLiteral,
  NOTHING,
  presentAt,
} from '../query/filter.ts';

/** The maximum number of members in a filter. */
const MEMBERS_MAX = 200;

/** The stored path of a group attribute; undefined for other attributes. */
export function groupField(attribute: Attribute): string | undefined {
  switch (attribute.key) {
    case 'displayName':
      return 'nameFold';
    case 'externalId':
      return 'externalId';
    case 'mobietrain.groupType':
      return 'typeFold';
    default:
      return undefined;
  }
}

/** Creates the overrides for group attributes. @param connection whose view of External IDs is compared. Its methods throw QueryNotSupported. */
export function groupAttributeOverrides(
  { account, connection }: { account: string; connection: string },
  { users }: Pick<Collections, 'users'>,
  schema: ResourceSchema,
): AttributeOverrides {
  /** Matches the groups of a member, read from the member's links. */
  async function withMember(filter: Filter): Promise<Condition> {
    const ids = memberIds(filter);
    const found = await users.find({ account, _id: { $in: ids } }, { projection: { 'groups.to': 1 } }).toArray();
    const groups = found.flatMap((user) => user.groups.flatMap((link) => (link.to === undefined ? [] : [link.to])));
    return { _id: { $in: groups } };
  }

  return {
    async compare(term) {
      const common = commonCompare(term, schema.name);
      if (common) return common;
      if (term.attribute.key === 'schemas') return schemasCondition(term, schema);
      if (term.attribute.parent?.key === 'members') {
        if (term.operator === 'ne' && term.value !== null) {
          return { $nor: [await withMember({ ...term, operator: 'eq' })] };
        }
        return withMember(term);
      }
      if (term.attribute.key === 'externalId' && typeof term.value === 'string') {
        if (term.operator === 'eq') return shownIdIs(term.value, connection);
        if (term.operator === 'ne') return { $nor: [shownIdIs(term.value, connection)] };
      }
      const field = groupField(term.attribute);
      if (field === undefined) return undefined;
      if (field === 'typeFold' && term.value === null) return comparison(field, term.operator, '');
      return comparison(field, term.operator, foldedLiteral(term));
    },
    async present(attribute) {
      const common = commonPresent(attribute);
      if (common) return common;
      if (attribute.key === 'mobietrain.groupType') return { typeFold: { $gt: '' } };
      if ((attribute.parent ?? attribute).key === 'members') {
        throw new QueryNotSupported(
          attribute.path,
          'groups are filtered by a member (members[value eq "id"]), not by having any',
        );
      }
      const field = groupField(attribute);
      return field === undefined ? undefined : presentAt(field);
    },
    async element(attribute, filter) {
      return attribute.key === 'members' ? withMember(filter) : undefined;
    },
  };
}

/**
 * The condition for the filter `displayName eq "…"`, with which clients look up a group before they push it: they use a single match
 * and stop if there are two. It matches the claimed group with that name (at most one), otherwise the unclaimed group if there is
 * exactly one, otherwise none. Returns undefined for all other filters.
 */
export async function nameLookupCondition(
  groups: Collections['groups'],
  account: string,
  filter: Filter | undefined,
): Promise<Condition | undefined> {
  if (filter?.kind !== 'compare' || filter.attribute.key !== 'displayName' || filter.operator !== 'eq')
    return undefined;
  const nameFold = foldedLiteral(filter);
  if (typeof nameFold !== 'string') return undefined;
  const options = { projection: { _id: 1 }, limit: 2 } as const;
  const [claimed] = await groups.find({ account, nameFold, claimed: true }, options).toArray();
  if (claimed) return { _id: claimed._id };
  const [unclaimed, another] = await groups.find({ account, nameFold, claimed: false }, options).toArray();
  return unclaimed && !another ? { _id: unclaimed._id } : NOTHING;
}

/** Matches the group that shows a connection this ID: the one that it pushed, or, if it pushed none, the one that others are shown. */
function shownIdIs(value: string, connection: string): Condition {
  const own = (id: object) => ({ $elemMatch: { ...id, connection, pushed: true } });
  const shown = { $or: [{ identities: own({ value }) }, { externalId: value, identities: { $not: own({}) } }] };
  // Every ID is among these, whose index finds it.
  return { 'identities.value': { $eq: value }, ...shown };
}

function memberIds(filter: Filter): string[] {
  if (filter.kind === 'or') return filter.terms.flatMap(memberIds).slice(0, MEMBERS_MAX + 1);
  if (filter.kind === 'and') {
    const [first, ...others] = filter.terms.filter((term) => !isUserType(term));
    if (first && others.length === 0) return memberIds(first);
  }
  if (filter.kind === 'compare' && filter.attribute.name === 'value' && filter.operator === 'eq') {
    if (typeof filter.value === 'string') return [filter.value];
  }
  throw new QueryNotSupported('members', 'groups are filtered by members[value eq "id"] only');
}

function isUserType(term: Filter): boolean {
  return (
    term.kind === 'compare' &&
    term.attribute.name === 'type' &&
    term.operator === 'eq' &&
    foldedLiteral(term) === 'user'
  );
}

function schemasCondition({ attribute, operator, value }: Compare, schema: ResourceSchema): Condition {
  if (operator !== 'eq' || typeof value !== 'string')
    throw new QueryNotSupported(attribute.path, 'only eq compares schemas');
  if (value.toLowerCase() === schema.core.urn.toLowerCase()) return EVERYTHING;
  const part = schema.extensions.find((extension) => extension.urn.toLowerCase() === value.toLowerCase());
  return part ? { typeFold: { $gt: '' } } : NOTHING;
}
