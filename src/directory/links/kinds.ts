// The two kinds of links and the attributes by which they are sent and served. This is the only table of link attributes: doors
// translate with it, and the rest of the code uses `LinkChange`.

import { elementsAt, textAt } from '../schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { LinkStatement, TargetValues } from './changes.ts';

/** The type of a link's target. */
export type LinkTarget = 'store' | 'group';

/** The attributes of one kind of link. Stores and groups follow the same rules with other attributes. */
export interface LinkKind {
  target: LinkTarget;
  /** The list of links in the extension `LINK_EXTENSION`. */
  list: 'stores' | 'userGroups';
  /** The sub-attribute of the list's elements for the secondary key: a store's country, a group's type. */
  secondaryKey: 'country' | 'type';
  /** The single-valued attributes for the primary link, in the same extension. */
  flat: { reference: string; name: string; secondaryKey: string };
  /** Whether a target without an ID is identified by its secondary key and folded name. */
  isIdentifiedByName: boolean;
}

/** The short key of the extension that holds the attributes of links. */
export const LINK_EXTENSION = 'mobietrain';

export const STORE_LINKS: LinkKind = {
  target: 'store',
  list: 'stores',
  secondaryKey: 'country',
  flat: { reference: 'storeRefId', name: 'storeName', secondaryKey: 'storeCountry' },
  isIdentifiedByName: false,
};

export const GROUP_LINKS: LinkKind = {
  target: 'group',
  list: 'userGroups',
  secondaryKey: 'type',
  flat: { reference: 'userGroupId', name: 'userGroupName', secondaryKey: 'userGroupType' },
  isIdentifiedByName: true,
};

export const LINK_KINDS: readonly LinkKind[] = [STORE_LINKS, GROUP_LINKS];

/** The key of an attribute of links: `mobietrain.stores`. */
export function linkKey(name: string): string {
  return `${LINK_EXTENSION}.${name}`;
}

/** Keys of the lists of links. An element whose `value` is replaced is another link. */
export const LINK_LIST_KEYS: ReadonlySet<string> = new Set(LINK_KINDS.map(({ list }) => linkKey(list)));

/** Converts an element of a list to a statement. On the path of every view, so it assigns instead of spreading. */
export function statementOf(kind: LinkKind, element: Attributes): LinkStatement {
  const statement: LinkStatement = {};
  const reference = textAt(element, 'value');
  const name = textAt(element, 'display');
  const secondaryKey = textAt(element, kind.secondaryKey);
  if (reference !== undefined) statement.reference = reference;
  if (name !== undefined) statement.name = name;
  if (secondaryKey !== undefined) statement.secondaryKey = secondaryKey;
  if (typeof element.primary === 'boolean') statement.primary = element.primary;
  return statement;
}

/** The statements of a list in the attributes of the extension. */
export function statementsAt(kind: LinkKind, attributes: Attributes): LinkStatement[] {
  return elementsAt(attributes, linkKey(kind.list)).map((element) => statementOf(kind, element));
}

/** Converts a statement to an element of the served list, without `primary`. */
export function elementOf(kind: LinkKind, { reference, name, secondaryKey }: TargetValues): Attributes {
  const element = emptyAttributes();
  if (reference !== undefined) element.value = reference;
  if (name !== undefined) element.display = name;
  if (secondaryKey !== undefined) element[kind.secondaryKey] = secondaryKey;
  return element;
}
