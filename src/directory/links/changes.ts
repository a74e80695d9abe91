// How a user's links to stores and user groups change: lists and flat attributes, identity, origins, and whose name counts.
// Stores and inline groups follow the same rules; `LinkKind` holds the words in which they differ.

import { type Fault, fault } from '../faults.ts';
import type { Link, Origin } from '../model.ts';
import { elementsAt, sameValue, textAt } from '../schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { Entities, Entity } from './entities.ts';

export interface LinkKind {
  list: 'stores' | 'userGroups';
  trait: 'country' | 'type';
  flat: { identity: string; name: string; trait: string };
  /** Whether an entity without an ID is identified by its trait and folded name. */
  namedIdentity: boolean;
}

export const STORE_LINKS: LinkKind = {
  list: 'stores',
  trait: 'country',
  flat: { identity: 'storeRefId', name: 'storeName', trait: 'storeCountry' },
  namedIdentity: false,
};

export const GROUP_LINKS: LinkKind = {
  list: 'userGroups',
  trait: 'type',
  flat: { identity: 'userGroupId', name: 'userGroupName', trait: 'userGroupType' },
  namedIdentity: true,
};

/** Keys of the attributes that a kind of link answers to. */
export function linkKeys(kind: LinkKind): string[] {
  return [kind.list, kind.flat.identity, kind.flat.name, kind.flat.trait].map((name) => `mobietrain.${name}`);
}

/** What a request says about one kind of link. */
export interface LinkRequest {
  current: Link[];
  /** The `mobietrain` part as it was served; empty for a create. */
  before: Attributes;
  /** The `mobietrain` part as the door wants it. */
  after: Attributes;
  stated: ReadonlySet<string>;
  mode: 'create' | 'replace' | 'patch';
  removed: Attributes[];
  asserted: Attributes[];
  origin: Origin;
  loose: Attributes;
}

export interface LinkPlan {
  links: Link[];
  loose: Attributes;
  faults: Fault[];
}

/** Whether a link is served in the list on the user. */
export function isInline(link: Link, kind: LinkKind): boolean {
  return kind.list === 'stores' || link.to === undefined || link.origins.some((origin) => origin.startsWith('inline:'));
}

/** Identities and names that a request mentions, so that they can be loaded in one go. */
export function mentioned(
  kind: LinkKind,
  attributes: Attributes,
): { identities: string[]; named: { trait: string; name: string }[] } {
  const identities: string[] = [];
  const named: { trait: string; name: string }[] = [];
  const flat = {
    value: attributes[kind.flat.identity] ?? null,
    display: attributes[kind.flat.name] ?? null,
    [kind.trait]: attributes[kind.flat.trait] ?? null,
  };
  for (const element of [...elementsAt(attributes, kind.list), flat]) {
    const identity = textAt(element, 'value');
    const name = textAt(element, 'display');
    if (identity !== undefined) identities.push(identity);
    if (kind.namedIdentity && name !== undefined) named.push({ trait: textAt(element, kind.trait) ?? '', name });
  }
  return { identities, named };
}

/**
 * Plans one kind of link. Flat attributes are judged after the list and after all operations of a request.
 * Faults: mutability (a derived group), tooMany.
 */
export function planLinks(kind: LinkKind, entities: Entities, request: LinkRequest): LinkPlan {
  const plan = new LinkPlanner(kind, entities, request);
  if (request.stated.has(`mobietrain.${kind.list}`)) plan.applyList(elementsAt(request.after, kind.list));
  plan.applyFlat();
  return plan.result();
}

class LinkPlanner {
  readonly #kind: LinkKind;
  readonly #entities: Entities;
  readonly #request: LinkRequest;
  #links: Link[];
  #loose: Attributes;
  readonly #faults: Fault[] = [];

  constructor(kind: LinkKind, entities: Entities, request: LinkRequest) {
    this.#kind = kind;
    this.#entities = entities;
    this.#request = request;
    this.#links = request.current.map((link) => ({ ...link, origins: [...link.origins] }));
    this.#loose = Object.assign(emptyAttributes(), request.loose);
  }

  result(): LinkPlan {
    return { links: this.#links, loose: this.#loose, faults: this.#faults };
  }

  applyList(desired: Attributes[]): void {
    const { before, mode } = this.#request;
    const served = elementsAt(before, this.#kind.list);
    if (mode !== 'create' && sameValue(served, desired) && this.#request.asserted.length === 0) return;
    const shown = this.#links.filter((link) => isInline(link, this.#kind));
    const kept = new Set<Link>();
    for (const element of desired) {
      const link = this.#linkFor(element, served);
      if (!link) continue;
      if (typeof element.primary === 'boolean') link.primary = element.primary;
      else delete link.primary;
      kept.add(link);
    }
    const left = shown.filter((link) => !kept.has(link) && this.#withdraw(link, desired));
    const others = this.#links.filter((link) => !shown.includes(link) && !kept.has(link));
    this.#links = [...kept, ...left, ...others];
  }

  #linkFor(element: Attributes, served: Attributes[]): Link | undefined {
    const identity = textAt(element, 'value');
    const name = textAt(element, 'display');
    const trait = textAt(element, this.#kind.trait);
    const entity = this.#entities.resolve(identity, name, trait);
    if (!entity) {
      const raw = Object.assign(emptyAttributes(), element);
      delete raw.primary;
      return (
        this.#links.find((link) => link.raw && sameValue(link.raw, raw)) ?? { origins: [this.#request.origin], raw }
      );
    }
    if (!this.#mayLink(entity)) return undefined;
    const shown = served.find((other) =>
      identity !== undefined ? other.value === identity : other.value === undefined && other.display === name,
    );
    const changed = (value: string | undefined, key: string) => (value === shown?.[key] ? undefined : value);
    const asserted = this.#request.asserted.some((other) => sameIdentity(other, element, this.#kind));
    const link = this.#linkTo(entity, asserted);
    this.#state(link, entity, changed(name, 'display'), changed(trait, this.#kind.trait));
    return link;
  }

  /** The link to an entity, new or as it is; an echo of a link that is served adds no origin, an assertion does. */
  #linkTo(entity: Entity, asserted: boolean): Link {
    const { origin } = this.#request;
    const existing = this.#links.find((link) => link.to === entity.id);
    if (!existing) {
      const link: Link = { to: entity.id, origins: [origin] };
      this.#links.push(link);
      return link;
    }
    if ((asserted || !isInline(existing, this.#kind)) && !existing.origins.includes(origin))
      existing.origins.push(origin);
    return existing;
  }

  #mayLink(entity: Entity): boolean {
    if (!entity.derived) return true;
    const linked = this.#request.current.some((link) => link.to === entity.id && isInline(link, this.#kind));
    if (!linked) {
      this.#faults.push(
        fault('mutability', this.#kind.list, { rule: `the members of ${entity.name} follow an attribute` }),
      );
    }
    return linked;
  }

  /** Takes this connection's assertion (or, where it was named for removal, every inline one) off a link; false where nothing is left. */
  #withdraw(link: Link, desired: Attributes[]): boolean {
    if (link.to === undefined) return this.#withdrawRaw(link, desired);
    const entity = this.#entities.byId(link.to);
    const named = this.#request.removed.some((element) => entity !== undefined && this.#names(element, entity));
    if (named && this.#kind.list === 'stores') return false;
    link.origins = link.origins.filter((origin) =>
      named ? !origin.startsWith('inline:') : origin !== this.#request.origin,
    );
    if (!isInline(link, this.#kind)) delete link.primary;
    return link.origins.length > 0;
  }

  /** An entry that leads nowhere goes likewise, or when an element says all that it says and what it lacked. */
  #withdrawRaw(link: Link, desired: Attributes[]): boolean {
    const raw = link.raw ?? emptyAttributes();
    const says = (element: Attributes) => Object.keys(raw).every((key) => sameValue(raw[key], element[key]));
    if (this.#request.removed.some(says) || desired.some(says)) return false;
    link.origins = link.origins.filter((origin) => origin !== this.#request.origin);
    return link.origins.length > 0;
  }

  #names(element: Attributes, entity: Entity): boolean {
    if (element.value !== undefined) return element.value === entity.identity;
    return typeof element.display === 'string' && element.display === entity.name;
  }

  /**
   * A statement of name and trait. Restating what this link stated before renames nothing, so that two users whose syncs
   * differ do not flip it; a changed statement renames, a first one only where the group is not claimed. A trait that is not
   * known yet is taken from anybody.
   */
  #state(link: Link, entity: Entity, name: string | undefined, trait: string | undefined): void {
    if (name !== undefined) {
      const first = link.statedName === undefined;
      if (name !== entity.name && name !== link.statedName && !(first && entity.claimed)) {
        entity.name = name;
        entity.touched = true;
      }
      link.statedName = name;
    }
    if (trait !== undefined) {
      const first = link.statedTrait === undefined;
      const isKept = entity.trait !== undefined && (trait === link.statedTrait || (first && entity.claimed));
      if (trait !== entity.trait && !isKept) {
        entity.trait = trait;
        entity.touched = true;
      }
      link.statedTrait = trait;
    }
  }

  applyFlat(): void {
    const { flat } = this.#kind;
    const { before, after } = this.#request;
    const stated = {
      identity: this.#statement(flat.identity),
      name: this.#statement(flat.name),
      trait: this.#statement(flat.trait),
    };
    if (!stated.identity && !stated.name && !stated.trait) return;
    const primary = this.#primary();
    const entity = primary?.to === undefined ? undefined : this.#entities.byId(primary.to);
    // Where no ID is stated, what is: name and trait of the link that is the primary one after the list.
    const identity = stated.identity ? textAt(after, flat.identity) : entity?.identity;
    const name = stated.name ? textAt(after, flat.name) : undefined;
    const trait = stated.trait ? textAt(after, flat.trait) : undefined;
    if (stated.identity && identity === undefined && textAt(before, flat.identity) !== undefined) {
      this.#dropPrimary();
      this.#keepLoose(stated, { name, trait });
      return;
    }
    const moved =
      entity === undefined ||
      (identity !== undefined
        ? identity !== entity.identity
        : this.#kind.namedIdentity && entity.identity === undefined);
    if (primary && entity && !moved) this.#state(primary, entity, name, trait);
    else this.#movePrimary(primary, entity, identity, { name, trait }, stated);
  }

  /** Whether a flat attribute was stated: named by an operation, or in a whole resource different from what was served. */
  #statement(key: string): boolean {
    const { stated, mode, before, after } = this.#request;
    if (!stated.has(`mobietrain.${key}`)) return false;
    return mode === 'patch' || !sameValue(before[key], after[key]);
  }

  #primary(): Link | undefined {
    const inline = this.#links.filter((link) => isInline(link, this.#kind) && link.to !== undefined);
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
    identity: string | undefined,
    said: { name: string | undefined; trait: string | undefined },
    stated: { name: boolean; trait: boolean },
  ): void {
    const { flat, namedIdentity } = this.#kind;
    const { mode, after } = this.#request;
    // What the target is not known by yet: a value that an earlier request left without a target, or, for a target that is
    // new, one that this whole resource repeats.
    const fresh = this.#entities.byIdentity(identity) === undefined;
    const remembered = (key: string) =>
      textAt(this.#loose, key) ?? (fresh && mode === 'replace' ? textAt(after, key) : undefined);
    const unnamed = namedIdentity && from !== undefined && from.identity === undefined;
    const name = stated.name ? said.name : (remembered(flat.name) ?? (unnamed ? from.name : undefined));
    const trait = stated.trait ? said.trait : (remembered(flat.trait) ?? (unnamed ? from.trait : undefined));
    const target = this.#entities.resolve(identity, name, trait);
    if (!target) {
      this.#keepLoose(stated, said);
      return;
    }
    if (!this.#mayLink(target)) return;
    for (const key of [flat.identity, flat.name, flat.trait]) delete this.#loose[key];
    const marked = primary?.primary === true || this.#links.some((link) => link.primary);
    const link = this.#linkTo(target, true);
    this.#state(link, target, name, trait);
    // Of a new user the flat form says which link is the primary one, and the list says the rest: both stay.
    if (primary && primary !== link && mode !== 'create') this.#leave(primary);
    this.#links = [link, ...this.#links.filter((other) => other !== link)];
    for (const other of this.#links) if (other !== link) delete other.primary;
    if (marked) link.primary = true;
  }

  #leave(primary: Link): void {
    primary.origins = primary.origins.filter((origin) => origin !== this.#request.origin);
    if (primary.origins.length === 0) this.#links = this.#links.filter((link) => link !== primary);
  }

  #keepLoose(
    stated: { name: boolean; trait: boolean },
    said: { name: string | undefined; trait: string | undefined },
  ): void {
    const { flat } = this.#kind;
    const keep = (key: string, value: string | undefined) => {
      if (value === undefined) delete this.#loose[key];
      else this.#loose[key] = value;
    };
    if (stated.name) keep(flat.name, said.name);
    if (stated.trait) keep(flat.trait, said.trait);
  }
}

function sameIdentity(a: Attributes, b: Attributes, kind: LinkKind): boolean {
  if (a.value !== undefined || b.value !== undefined) return a.value === b.value;
  return a.display === b.display && a[kind.trait] === b[kind.trait];
}
