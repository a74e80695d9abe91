// Owns the values that the audit trail keeps of a change of a user: before and after, by the class of each attribute.

import { maskedText } from '../identity-hash.ts';
import { GROUP_LINKS, linkKey, STORE_LINKS } from '../links/kinds.ts';
import type { ChangedValue, Link, StoredUser } from '../model.ts';
import { changedValue, HIDDEN, valueText } from '../recorded-values.ts';
import { valueAt } from '../schema/attributes.ts';
import type { AttributeValue, ResourceSchema } from '../schema/schema.ts';

const ATTRIBUTES_MAX = 50;
const MANAGER = 'enterprise.manager';
const STATUS = 'mobietrain.status';

type Valued = Pick<StoredUser, 'data' | 'stores' | 'groups' | 'manager' | 'lifecycle'>;

/**
 * The values of the changed attributes before and after. A secret has none, a masked one its first two characters; a link has the id of
 * its target. Another user is named by id only, so that an erasure of that user need not search here.
 * @param before undefined: the user is created
 */
export function changedValues(
  keys: readonly string[],
  before: Valued | undefined,
  after: Valued,
  schema: Pick<ResourceSchema, 'personalData'>,
): ChangedValue[] {
  return keys.slice(0, ATTRIBUTES_MAX).map((attribute) => {
    const [from, to] = [before, after].map((user) => user && recordedText(user, attribute, schema));
    return changedValue(attribute, from, to);
  });
}

function recordedText(
  user: Valued,
  key: string,
  { personalData }: Pick<ResourceSchema, 'personalData'>,
): string | undefined {
  const value = recordedValue(user, key);
  if (value === undefined) return undefined;
  switch (personalData.get(key)) {
    case 'secret':
      return undefined;
    case 'masked':
      return JSON.stringify(typeof value === 'string' ? maskedText(value) : HIDDEN);
    default:
      return valueText(value);
  }
}

function recordedValue(user: Valued, key: string): AttributeValue | undefined {
  if (key === linkKey(STORE_LINKS.list)) return targets(user.stores);
  if (key === linkKey(GROUP_LINKS.list)) return targets(user.groups);
  if (key === STATUS) return user.lifecycle;
  const value = valueAt(user.data, key);
  if (key === MANAGER) return value === undefined ? undefined : (user.manager ?? HIDDEN);
  return value;
}

function targets(links: readonly Link[]): string[] | undefined {
  return links.length > 0 ? links.map(({ to }) => to ?? HIDDEN) : undefined;
}
