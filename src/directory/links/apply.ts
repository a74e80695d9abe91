// Applies link changes to the stored links of one kind: who asserted a link, what takes it away, and whose name counts.
// Entities that have to be made or renamed for it are marked as changed; plan.ts writes them.

import { type Fault, fault } from '../faults.ts';
import type { Link, Origin } from '../model.ts';
import { sameValue, textAt } from '../schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { LinkStatement, ListChange, PrimaryChange, PrimaryStatement } from './changes.ts';
import type { Entities, Entity } from './entities.ts';
import { elementOf, type LinkKind } from './kinds.ts';
import { flatValues, isInline } from './served.ts';

/** The changes of one kind of link, and what they apply to. */
export interface LinkRequest {
  current: readonly Link[];
  /** The list as it was served before the request. */
  served: readonly LinkStatement[];
  /** Flat values that belong to no link, by attribute name. */
  unlinkedValues: Attributes;
  lists: readonly ListChange[];
  primary: readonly PrimaryChange[];
  /** The origin that asserts what is stated. */
  origin: Origin;
  isNewUser: boolean;
}

export interface AppliedLinks {
  links: Link[];
  unlinkedValues: Attributes;
  faults: Fault[];
}

/**
 * Applies the changes of lists, then those of the primary link.
 * Faults: mutability (the group follows an attribute).
 */
export function applyLinkChanges(kind: LinkKind, entities: Entities, request: LinkRequest): AppliedLinks {
  const applier = new LinkApplier(kind, entities, request);
  for (const change of request.lists) applier.applyList(change);
  for (const change of request.primary) applier.applyPrimary(change);
  return applier.result();
}

/** Which flat values a request states. */
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
    // Repeating the list that is served changes nothing, not even the order of links beside it.
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

  /** New links come after the other inline ones, before those that only a member list asserts. */
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

  /** At most one link of a kind is the primary one (RFC 7643 §2.4). */
  #setPrimary(link: Link, primary: boolean): void {
    if (primary) for (const other of this.#links) if (other !== link && other.primary) other.primary = false;
    link.primary = primary;
  }

  #inlineLinks(): Link[] {
    return this.#links.filter((link) => isInline(link, this.#kind));
  }

  /** The link that a statement is about, made if there is none; undefined if the user may not have it. */
  #stateLink(statement: LinkStatement, isAsserted: boolean): Link | undefined {
    const { reference, name, secondaryKey } = statement;
    const entity = this.#entities.resolve(statement);
    if (!entity) return this.#unresolvedLink(statement);
    if (!this.#mayLink(entity)) return undefined;
    const shown = this.#request.served.find((other) =>
      reference !== undefined ? other.reference === reference : other.reference === undefined && other.name === name,
    );
    // Another ID of the same group is no repetition of what is served.
    const isOtherId = reference !== undefined && !shown;
    const link = this.#linkTo(entity, isAsserted || isOtherId);
    this.#stateId(link, entity, reference);
    this.#state(link, entity, {
      name: name === shown?.name ? undefined : name,
      secondaryKey: secondaryKey === shown?.secondaryKey ? undefined : secondaryKey,
    });
    return link;
  }

  /** An entry that leads nowhere is kept as it was sent. */
  #unresolvedLink(statement: LinkStatement): Link {
    const raw = elementOf(this.#kind, statement);
    const existing = this.#links.find((link) => link.raw && sameValue(link.raw, raw));
    if (existing) return existing;
    const link: Link = { origins: [this.#request.origin], raw };
    this.#links.push(link);
    return link;
  }

  /** The link to an entity, new or as it is; repeating a link that is served adds no origin, asserting it does. */
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

  /** Takes this connection's assertion off a link that its list leaves out; false if nothing is left of the link. */
  #withdraw(link: Link, stated: readonly LinkStatement[]): boolean {
    // An entry that leads nowhere also goes if an element says all that it says, and what it lacked.
    if (link.raw && stated.some((statement) => this.#says(statement, link.raw))) return false;
    link.origins = link.origins.filter((origin) => origin !== this.#request.origin);
    if (!isInline(link, this.#kind)) delete link.primary;
    return link.origins.length > 0;
  }

  /** Takes every inline assertion off a link that was removed by name; false if nothing is left of the link. */
  #removed(link: Link): boolean {
    if (this.#kind.target === 'store' || link.to === undefined) return false;
    link.origins = link.origins.filter((origin) => !origin.startsWith('inline:'));
    delete link.primary;
    return link.origins.length > 0;
  }

  /** Whether a statement names an inline link. */
  #names(statement: LinkStatement, link: Link): boolean {
    if (!isInline(link, this.#kind)) return false;
    if (link.to === undefined) return this.#says(statement, link.raw);
    const entity = this.#entities.byId(link.to);
    if (!entity) return false;
    if (statement.reference !== undefined) return entity.ids.includes(statement.reference);
    return statement.name !== undefined && statement.name === entity.name;
  }

  #says(statement: LinkStatement, raw: Attributes | undefined): boolean {
    const element = elementOf(this.#kind, statement);
    return raw !== undefined && Object.keys(raw).every((key) => sameValue(raw[key], element[key]));
  }

  /** A statement of a group's ID: the user shows it from then on, and the group keeps it whatever is pushed later. */
  #stateId(link: Link, entity: Entity, reference: string | undefined): void {
    if (reference === undefined || this.#kind.target !== 'group') return;
    const before = this.#request.current.find(({ to }) => to === entity.id);
    // Repeating the ID that is served changes nothing that can be seen, and two sources with an ID each do not take turns.
    const isServed = this.#request.served.some((statement) => statement.reference === reference);
    const isShared = before?.origins.some((origin) => origin.startsWith('inline:') && origin !== this.#request.origin);
    if (!before || (!isServed && !isShared)) link.statedId = reference;
    if (!entity.statedIds.includes(reference) && entity.pushedIds.includes(reference)) {
      entity.statedIds.push(reference);
      entity.isNoted = true;
    }
  }

  /**
   * A statement of name and secondary key. Restating what this link stated before renames nothing, so that two users whose syncs
   * differ do not rename the target in every cycle; a changed statement renames it, a first one only if the group is not claimed.
   * A secondary key that is not known yet is taken from anybody.
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

  // ---- the primary link, by its flat attributes

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
    // If no ID is stated, what is stated belongs to the link that is the primary one after the list.
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
    const isMarked = primary?.primary === true || this.#links.some((link) => link.primary);
    const link = this.#linkTo(target, true);
    this.#stateId(link, target, reference);
    this.#state(link, target, { name, secondaryKey });
    // Of a new user the flat attributes say which link is the primary one, and the list says the rest: both stay.
    if (primary && primary !== link && !this.#request.isNewUser) this.#leave(primary);
    this.#links = [link, ...this.#links.filter((other) => other !== link)];
    for (const other of this.#links) if (other !== link) delete other.primary;
    if (isMarked) link.primary = true;
  }

  /**
   * The name and the secondary key of the target of a moved link: as stated, else a value that an earlier request left without a
   * target, else, for a target that is new, one that this whole resource repeats, else that of the nameless group it comes from.
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
