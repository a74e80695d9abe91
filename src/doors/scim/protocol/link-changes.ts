// Turns the SCIM attributes that represent links (lists and flat attributes) into link changes, for bodies and for PATCH.
// The table in directory/links/kinds.ts lists these attributes.

import {
  isSameLink,
  type LinkChange,
  type LinkStatement,
  type PrimaryStatement,
} from '../../../directory/links/changes.ts';
import { LINK_KINDS, type LinkKind, linkKey, statementOf, statementsAt } from '../../../directory/links/kinds.ts';
import { setAt, textAt } from '../../../directory/schema/attributes.ts';
import { isObject } from '../../../directory/schema/fold.ts';
import type { Attributes, AttributeValue } from '../../../directory/schema/schema.ts';
import type { ListReport } from './patch/draft.ts';

/** The effect of operations on a list of links. */
type LinkListReport = Omit<ListReport, 'attribute'>;

/** The attributes of a request, and the keys that it states. Extracting the links changes both. */
interface StatedAttributes {
  attributes: Attributes;
  stated: Set<string>;
}

/**
 * Extracts the links from the body of a POST or PUT and returns the changes that they mean. A list is the whole list; a flat
 * attribute that repeats the current value changes nothing.
 */
export function takeLinkChanges(resource: StatedAttributes): LinkChange[] {
  return LINK_KINDS.flatMap((kind) => {
    const key = linkKey(kind.list);
    const changes: LinkChange[] = [];
    if (resource.stated.has(key)) {
      changes.push({ op: 'replace', target: kind.target, links: statementsAt(kind, resource.attributes) });
    }
    changes.push(...primaryChange(kind, resource, true));
    takeKeys(kind, resource);
    return changes;
  });
}

/** Extracts the links from the result of a PATCH and returns the changes that its operations mean. */
export function takePatchedLinkChanges(
  patched: StatedAttributes & { lists: ReadonlyMap<string, LinkListReport> },
): LinkChange[] {
  return LINK_KINDS.flatMap((kind) => {
    const report = patched.lists.get(linkKey(kind.list));
    const changes = report ? listChanges(kind, patched.attributes, report) : [];
    changes.push(...primaryChange(kind, patched, false));
    takeKeys(kind, patched);
    return changes;
  });
}

/** A removal removes the links that it names even if another source asserted them; a rewritten list is stated as a whole. */
function listChanges(
  kind: LinkKind,
  attributes: Attributes,
  { added, removed, isRewritten }: LinkListReport,
): LinkChange[] {
  const { target } = kind;
  const statements = (elements: Iterable<AttributeValue>): LinkStatement[] =>
    [...elements].flatMap((element) => (isObject(element) ? [statementOf(kind, element)] : []));
  const result = statementsAt(kind, attributes);
  const isLeft = (statement: LinkStatement): boolean => result.some((other) => isSameLink(other, statement));
  const gone = statements(removed).filter((statement) => !isLeft(statement));
  const asserted = statements(added).filter(isLeft);
  return [
    ...(gone.length > 0 ? [{ op: 'remove' as const, target, links: gone }] : []),
    ...(isRewritten ? [{ op: 'replace' as const, target, links: result }] : []),
    ...(asserted.length > 0 ? [{ op: 'add' as const, target, links: asserted }] : []),
  ];
}

function primaryChange(kind: LinkKind, { attributes, stated }: StatedAttributes, isWhole: boolean): LinkChange[] {
  const primary: PrimaryStatement = {};
  for (const name of ['reference', 'name', 'secondaryKey'] as const) {
    const key = linkKey(kind.flat[name]);
    if (stated.has(key)) primary[name] = textAt(attributes, key) ?? null;
  }
  return Object.keys(primary).length > 0 ? [{ op: 'state', target: kind.target, primary, isWhole }] : [];
}

function takeKeys(kind: LinkKind, { attributes, stated }: StatedAttributes): void {
  for (const name of [kind.list, ...Object.values(kind.flat)]) {
    setAt(attributes, linkKey(name), undefined);
    stated.delete(linkKey(name));
  }
}
