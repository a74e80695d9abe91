// Applies link changes to the stored links of one kind: origins are added and removed, links are created and deleted, and targets are
// renamed. Entities to write get `changed`; the plans write them.

import { type Fault, fault } from '../faults.ts';
import type { Link, Origin } from '../model.ts';
import { sameValue, textAt } from '../schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { LinkStatement, ListChange, PrimaryChange, PrimaryStatement } from './changes.ts';
import type { Entities, Entity } from './entities.ts';
import { elementOf, type LinkKind } from './kinds.ts';
import { flatValues, isInline } from './served.ts';

/** The changes of one kind of link, and the state that they apply to. */
export interface LinkRequest {
  current: readonly Link[];
  /** The list as it is served before the request. */
  served: readonly LinkStatement[];
  /** Flat values that belong to no link, by attribute name. */
  unlinkedValues: Attributes;
  lists: readonly ListChange[];
  primary: readonly PrimaryChange[];
  /** The origin of the links in the request. */
  origin: Origin;
  isNewUser: boolean;
}

/** The links after the changes, or faults. */
export interface AppliedLinks {
  links: Link[];
  unlinkedValues: Attributes;
  faults: Fault[];
}

/**
 * Applies the changes of lists, then those of the primary link. Creates missing entities in `entities`.
 * Faults: mutability (the members of a derived group).
 */
export function applyLinkChanges(kind: LinkKind, entities: Entities, request: LinkRequest): AppliedLinks {
  const applier = new LinkApplier(kind, entities, request);
  for (const change of request.lists) applier.applyList(change);
  for (const change of request.primary) applier.applyPrimary(change);
  return applier.result();
}

/** Which flat attributes a request changes. */
type Stated = Record<keyof PrimaryStatement, boolean>;
type NameAndKey = { name: string | undefined; secondaryKey: string | undefined };

class LinkApplier {
  readonly #kind: LinkKind;
  readonly #entities: Entities;
  readonly #request: LinkRequest;
  #links: Link[];
  readonly #unlinked: Attributes;
  readonly #faults: Fault[] = [];

  constructor(kind: LinkKind, entities: Entities, request: LinkRequest) {
    this.#kind = kind;
    this.#entities = entities;
    this.#request = request;
    this.#links = request.current.map((link) => ({ ...link, origins: [...link.origins] }));
    this.#unlinked = Object.assign(emptyAttributes(), request.unlinkedValues);
  }

  result(): AppliedLinks {
    return { links: this.#links, unlinkedValues: this.#unlinked, faults: this.#faults };
  }

  applyList({ op, links }: ListChange): void {
    if (op === 'replace') this.#replace(links);
    else if (op === 'add') this.#add(links);
    else
      this.#links = this.#links.filter(
        (link) => !links.some((stated) => this.#names(stated, link)) || this.#removed(link),
      );
  }

  #replace(stated: readonly LinkStatement[]): void {
    const { served } = this.#request;
    // Sending the served list again changes nothing, not even the order of other links.
    if (sameStatements(served, stated)) return;
    const before = this.#inlineLinks();
    const kept = new Set<Link>();
    for (const statement of stated) {
      const link = this.#stateLink(statement, false);
      if (!link) continue;
      if (statement.primary === undefined) delete link.primary;
      else link.primary = statement.primary;
      kept.add(link);
    }
    const left = before.filter((link) => !kept.has(link) && this.#withdraw(link, stated));
    const others = this.#links.filter((link) => !before.includes(link) && !kept.has(link));
    this.#links = [...kept, ...left, ...others];
  }

  /** New links are inserted after the other inline links, before links from member lists. */
  #add(stated: readonly LinkStatement[]): void {
    const before = new Set(this.#inlineLinks());
    const added = new Set<Link>();
    for (const statement of stated) {
      const link = this.#stateLink(statement, true);
      if (!link) continue;
      if (!before.has(link)) added.add(link);
      if (statement.primary !== undefined) this.#setPrimary(link, statement.primary);
    }
    if (added.size === 0) return;
    const others = this.#links.filter((link) => !before.has(link) && !added.has(link));
    this.#links = [...before, ...added, ...others];
  }

  /** At most one link of a kind is primary (RFC 7643 §2.4). */
  #setPrimary(link: Link, primary: boolean): void {
    if (primary) for (const other of this.#links) if (other !== link && other.primary) other.primary = false;
    link.primary = primary;
  }

  #inlineLinks(): Link[] {
    return this.#links.filter((link) => isInline(link, this.#kind));
  }

  /** The link that a statement describes, created if there is none; undefined if the user may not have it. */
  #stateLink(statement: LinkStatement, isAsserted: boolean): Link | undefined {
    const { reference, name, secondaryKey } = statement;
    const entity = this.#entities.resolve(statement);
    if (!entity) return this.#unresolvedLink(statement);
    if (!this.#mayLink(entity)) return undefined;
    const shown = this.#request.served.find((other) =>
      reference !== undefined ? other.reference === reference : other.reference === undefined && other.name === name,
    );
    // Another ID of the same group does not repeat the served value.
    const isOtherId = reference !== undefined && !shown;
    const link = this.#linkTo(entity, isAsserted || isOtherId);
    this.#stateId(link, entity, reference);
    this.#state(link, entity, {
      name: name === shown?.name ? undefined : name,
      secondaryKey: secondaryKey === shown?.secondaryKey ? undefined : secondaryKey,
    });
    return link;
  }

  /** The link for an entry that cannot be resolved, which is kept as it was sent. */
  #unresolvedLink(statement: LinkStatement): Link {
    const raw = elementOf(this.#kind, statement);
    const existing = this.#links.find((link) => link.raw && sameValue(link.raw, raw));
    if (existing) return existing;
    const link: Link = { origins: [this.#request.origin], raw };
    this.#links.push(link);
    return link;
  }

  /** The link to an entity, created if there is none. Asserting a link adds the origin, repeating a served one does not. */
  #linkTo(entity: Entity, isAsserted: boolean): Link {
    const { origin } = this.#request;
    const existing = this.#links.find((link) => link.to === entity.id);
    if (!existing) {
      const link: Link = { to: entity.id, origins: [origin] };
      this.#links.push(link);
      return link;
    }
    if ((isAsserted || !isInline(existing, this.#kind)) && !existing.origins.includes(origin))
      existing.origins.push(origin);
    return existing;
  }

  #mayLink(entity: Entity): boolean {
    if (!entity.derived) return true;
    const isLinked = this.#request.current.some((link) => link.to === entity.id && isInline(link, this.#kind));
    if (!isLinked) {
      this.#faults.push(
        fault('mutability', this.#kind.list, { rule: `the members of ${entity.name} follow an attribute` }),
      );
    }
    return isLinked;
  }

  /** Removes this connection's origin from a link that its list omits; false if the link must be deleted. */
  #withdraw(link: Link, stated: readonly LinkStatement[]): boolean {
    // An unresolved entry is also deleted if a new element has all of its values and more.
    if (link.raw && stated.some((statement) => this.#includes(statement, link.raw))) return false;
    link.origins = link.origins.filter((origin) => origin !== this.#request.origin);
    if (!isInline(link, this.#kind)) delete link.primary;
    return link.origins.length > 0;
  }

  /** Removes all inline origins from a link that was removed explicitly; false if the link must be deleted. */
  #removed(link: Link): boolean {
    if (this.#kind.target === 'store' || link.to === undefined) return false;
    link.origins = link.origins.filter((origin) => !origin.startsWith('inline:'));
    delete link.primary;
    return link.origins.length > 0;
  }

  /** Whether a statement identifies an inline link. */
  #names(statement: LinkStatement, link: Link): boolean {
    if (!isInline(link, this.#kind)) return false;
    if (link.to === undefined) return this.#includes(statement, link.raw);
    const entity = this.#entities.byId(link.to);
    if (!entity) return false;
    if (statement.reference !== undefined) return entity.ids.includes(statement.reference);
    return statement.name !== undefined && statement.name === entity.name;
  }

  #includes(statement: LinkStatement, raw: Attributes | undefined): boolean {
    const element = elementOf(this.#kind, statement);
    return raw !== undefined && Object.keys(raw).every((key) => sameValue(raw[key], element[key]));
  }

  /** Applies a group's ID: it is served on the user from now on, and the group keeps it when another ID is pushed. */
  #stateId(link: Link, entity: Entity, reference: string | undefined): void {
    if (reference === undefined || this.#kind.target !== 'group') return;
    const before = this.#request.current.find(({ to }) => to === entity.id);
    // Sending the served ID again changes nothing. If two sources send different IDs, the first one stays, so that they do not alternate.
    const isServed = this.#request.served.some((statement) => statement.reference === reference);
    const isShared = before?.origins.some((origin) => origin.startsWith('inline:') && origin !== this.#request.origin);
    if (!before || (!isServed && !isShared)) link.statedId = reference;
    if (!entity.statedIds.includes(reference) && entity.pushedIds.includes(reference)) {
      entity.statedIds.push(reference);
      entity.isNoted = true;
    }
  }

  /**
   * Applies a name and a secondary key. A value that was sent for this link before does not rename the target, so that two users with
   * different values do not rename it in every sync. A changed value does, and a first one if the group is not claimed. A missing
   * secondary key is always set.
   */
  #state(link: Link, entity: Entity, { name, secondaryKey }: NameAndKey): void {
    if (name !== undefined) {
      const isFirst = link.statedName === undefined;
      if (name !== entity.name && name !== link.statedName && !(isFirst && entity.claimed)) {
        entity.name = name;
        entity.changed = true;
      }
      link.statedName = name;
    }
    if (secondaryKey !== undefined) {
      const isFirst = link.statedTrait === undefined;
      const isKept =
        entity.secondaryKey !== undefined && (secondaryKey === link.statedTrait || (isFirst && entity.claimed));
      if (secondaryKey !== entity.secondaryKey && !isKept) {
        entity.secondaryKey = secondaryKey;
        entity.changed = true;
      }
      link.statedTrait = secondaryKey;
    }
  }

  // ---- the primary link

  applyPrimary(change: PrimaryChange): void {
    const shown = flatValues(this.#kind, this.#request.served, this.#request.unlinkedValues);
    const isStated = (key: keyof PrimaryStatement): boolean =>
      change.primary[key] !== undefined && !(change.isWhole && (change.primary[key] ?? undefined) === shown[key]);
    const stated = {
      reference: isStated('reference'),
      name: isStated('name'),
      secondaryKey: isStated('secondaryKey'),
    };
    if (!stated.reference && !stated.name && !stated.secondaryKey) return;
    const primary = this.#primary();
    const entity = primary?.to === undefined ? undefined : this.#entities.byId(primary.to);
    // Without an ID, the values belong to the link that is primary after the changes of lists.
    const reference = stated.reference ? (change.primary.reference ?? undefined) : undefined;
    if (stated.reference && reference === undefined && shown.reference !== undefined) {
      this.#dropPrimary();
      this.#keepUnlinked(stated, change.primary);
    } else if (primary && entity && !this.#leadsElsewhere(entity, reference)) {
      this.#stateId(primary, entity, reference);
      this.#state(primary, entity, statedOf(stated, change.primary));
    } else this.#movePrimary(primary, entity, reference, change, stated);
  }

  #leadsElsewhere(entity: Entity, reference: string | undefined): boolean {
    if (reference !== undefined) return !entity.ids.includes(reference);
    return this.#kind.isIdentifiedByName && entity.ids.length === 0;
  }

  #primary(): Link | undefined {
    const inline = this.#inlineLinks().filter((link) => link.to !== undefined);
    return inline.find((link) => link.primary === true) ?? inline[0];
  }

  #dropPrimary(): void {
    const primary = this.#primary();
    if (!primary) return;
    primary.origins = primary.origins.filter((origin) => !origin.startsWith('inline:'));
    delete primary.primary;
    if (primary.origins.length === 0) this.#links = this.#links.filter((link) => link !== primary);
  }

  #movePrimary(
    primary: Link | undefined,
    from: Entity | undefined,
    reference: string | undefined,
    change: PrimaryChange,
    stated: Stated,
  ): void {
    const { name, secondaryKey } = this.#valuesOfTarget(from, reference, change, stated);
    const target = this.#entities.resolve({ reference, name, secondaryKey });
    if (!target) {
      this.#keepUnlinked(stated, change.primary);
      return;
    }
    if (!this.#mayLink(target)) return;
    for (const key of Object.values(this.#kind.flat)) delete this.#unlinked[key];
    const hasPrimary = primary?.primary === true || this.#links.some((link) => link.primary);
    const link = this.#linkTo(target, true);
    this.#stateId(link, target, reference);
    this.#state(link, target, { name, secondaryKey });
    // For a new user the flat attributes select the primary link, and the links of the list are kept.
    if (primary && primary !== link && !this.#request.isNewUser) this.#leave(primary);
    this.#links = [link, ...this.#links.filter((other) => other !== link)];
    for (const other of this.#links) if (other !== link) delete other.primary;
    if (hasPrimary) link.primary = true;
  }

  /**
   * The name and secondary key for the target of a moved link: the changed value; else an unlinked value of an earlier request; else, if
   * the target is new, the repeated value of a whole resource; else the value of the previous group if that has no ID.
   */
  #valuesOfTarget(
    from: Entity | undefined,
    reference: string | undefined,
    { primary, isWhole }: PrimaryChange,
    stated: Stated,
  ): NameAndKey {
    const { flat, isIdentifiedByName } = this.#kind;
    const isNew = this.#entities.byIdentity(reference) === undefined;
    const isByName = isIdentifiedByName && from !== undefined && from.ids.length === 0;
    const targetValue = (key: 'name' | 'secondaryKey'): string | undefined => {
      const value = primary[key] ?? undefined;
      if (stated[key]) return value;
      return (
        textAt(this.#unlinked, flat[key]) ??
        (isNew && isWhole ? value : undefined) ??
        (isByName ? from[key] : undefined)
      );
    };
    return { name: targetValue('name'), secondaryKey: targetValue('secondaryKey') };
  }

  #leave(primary: Link): void {
    primary.origins = primary.origins.filter((origin) => origin !== this.#request.origin);
    if (primary.origins.length === 0) this.#links = this.#links.filter((link) => link !== primary);
  }

  #keepUnlinked(stated: Stated, primary: PrimaryStatement): void {
    const { flat } = this.#kind;
    for (const key of ['name', 'secondaryKey'] as const) {
      if (!stated[key]) continue;
      const value = primary[key] ?? undefined;
      if (value === undefined) delete this.#unlinked[flat[key]];
      else this.#unlinked[flat[key]] = value;
    }
  }
}

function statedOf(stated: Stated, primary: PrimaryStatement): NameAndKey {
  return {
    name: stated.name ? (primary.name ?? undefined) : undefined,
    secondaryKey: stated.secondaryKey ? (primary.secondaryKey ?? undefined) : undefined,
  };
}

function sameStatements(a: readonly LinkStatement[], b: readonly LinkStatement[]): boolean {
  return (
    a.length === b.length &&
    a.every((statement, index) => {
      const other = b[index];
      return other !== undefined && isSameStatement(statement, other);
    })
  );
}

function isSameStatement(a: LinkStatement, b: LinkStatement): boolean {
  return (
    a.reference === b.reference && a.name === b.name && a.secondaryKey === b.secondaryKey && a.primary === b.primary
  );
}
