// Owns the values that the audit trail keeps of a change of a user: before and after, by the class of each attribute.

import { maskedText } from '../identity-hash.ts';
import { GROUP_LINKS, linkKey, STORE_LINKS } from '../links/kinds.ts';
import type { ChangedValue, Link, StoredUser } from '../model.ts';
import { valueAt } from '../schema/attributes.ts';
import type { AttributeValue, ResourceSchema } from '../schema/schema.ts';

const ATTRIBUTES_MAX = 50;
/** Longer values are cut. */
const VALUE_CHARS_MAX = 1_000;
const HIDDEN = '…';
const MANAGER = 'enterprise.manager';
const STATUS = 'mobietrain.status';

type Valued = Pick<StoredUser, 'data' | 'stores' | 'groups' | 'manager' | 'lifecycle'>;

/**
 * The values of the changed attributes before and after. A secret has none, a masked one its first two characters; a link has the id of
 * its target. Another user is named by id only, so that an erasure of that user need not search here.
 */
export function changedValues(
  keys: readonly string[],
  before: Valued,
  after: Valued,
  schema: Pick<ResourceSchema, 'personalData'>,
): ChangedValue[] {
  return keys.slice(0, ATTRIBUTES_MAX).map((attribute) => {
    const [from, to] = [before, after].map((user) => recordedText(user, attribute, schema));
    return { attribute, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) };
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
      return cut(JSON.stringify(value));
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

function targets(links: readonly Link[]): string[] {
  return links.map(({ to }) => to ?? HIDDEN);
}

function cut(text: string): string {
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}${HIDDEN}` : text;
}
