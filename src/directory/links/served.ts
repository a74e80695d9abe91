// Converts stored links to served attributes: the list on the user and the flat attributes of the primary link.

import type { Link } from '../model.ts';
import { copyAttributes, textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import type { LinkStatement, TargetValues } from './changes.ts';
import { elementOf, type LinkKind, statementOf } from './kinds.ts';

/** Whether a link is served in the list on the user; other links come from a group's member list or a rule. */
export function isInline(link: Link, { target }: Pick<LinkKind, 'target'>): boolean {
  return target === 'store' || link.to === undefined || link.origins.some((origin) => origin.startsWith('inline:'));
}

/**
 * The elements of the list on the user, in the order of its links.
 * @param find returns the served values of a target by id; undefined if it no longer exists, so that the link is left out
 */
export function linkElements(
  kind: LinkKind,
  links: readonly Link[],
  find: (id: string, link: Link) => TargetValues | undefined,
): Attributes[] {
  const elements: Attributes[] = [];
  for (const link of links) {
    if (!isInline(link, kind)) continue;
    const target = link.to === undefined ? undefined : find(link.to, link);
    if (link.to !== undefined && !target) continue;
    const element = target ? elementOf(kind, target) : copyAttributes(link.raw);
    if (link.primary !== undefined) element.primary = link.primary;
    elements.push(element);
  }
  return elements;
}

/** The flat attributes of the primary link (of the first link if none is primary), or the unlinked values. */
export function flatValues(
  kind: LinkKind,
  served: readonly LinkStatement[],
  unlinkedValues: Attributes | undefined,
): Required<TargetValues> {
  const { flat } = kind;
  const primary = served.find((statement) => statement.primary === true) ?? served[0];
  const unlinked = (key: string) => unlinkedValues && textAt(unlinkedValues, key);
  const isUnlinked = primary?.reference === undefined;
  return {
    reference: primary?.reference ?? (isUnlinked ? unlinked(flat.reference) : undefined),
    name: primary?.name ?? (isUnlinked ? unlinked(flat.name) : undefined),
    secondaryKey: primary?.secondaryKey ?? unlinked(flat.secondaryKey),
  };
}

/** Adds a list and its flat attributes to the served extension. */
export function serveLinks(
  kind: LinkKind,
  elements: Attributes[],
  unlinkedValues: Attributes | undefined,
  into: Attributes,
): void {
  if (elements.length > 0) into[kind.list] = elements;
  const primary = elements.find((element) => element.primary === true) ?? elements[0];
  const values = flatValues(kind, primary ? [statementOf(kind, primary)] : [], unlinkedValues);
  for (const key of ['reference', 'name', 'secondaryKey'] as const) {
    const value = values[key];
    if (value !== undefined) into[kind.flat[key]] = value;
  }
}
