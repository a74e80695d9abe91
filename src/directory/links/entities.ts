// The stores and groups that a plan of links works on: those that are there, found by identity or by name, and those it makes
// (the ID is the identity; without one, type and folded name are; an ID that comes later is adopted).

import { newResourceId } from '../ids.ts';
import type { StoredGroup, StoredStore } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { LinkKind } from './changes.ts';

/** What a link leads to, while a change is planned. `trait` is a store's country or a group's type. */
export interface Entity {
  id: string;
  version: number;
  identity: string | undefined;
  name: string | undefined;
  trait: string | undefined;
  /** Pushed as a group of its own: a user's first statement does not rename it. */
  claimed: boolean;
  derived: boolean;
  isNew: boolean;
  /** What is served of it changes: name, trait or identity. */
  touched: boolean;
  /** It follows an attribute from now on: written, but nothing that is served changes. */
  marked: boolean;
}

export function entityOfStore(store: StoredStore): Entity {
  return {
    id: store._id,
    version: store.version,
    identity: store.refId,
    name: store.name,
    trait: store.country,
    claimed: false,
    derived: false,
    isNew: false,
    touched: false,
    marked: false,
  };
}

export function entityOfGroup(group: StoredGroup): Entity {
  return {
    id: group._id,
    version: group.version,
    identity: group.externalId,
    name: group.name,
    trait: group.type === '' ? undefined : group.type,
    claimed: group.claimed,
    derived: group.derived,
    isNew: false,
    touched: false,
    marked: false,
  };
}

/** The entities that a plan works on: those loaded, and those it makes. */
export class Entities {
  readonly #kind: LinkKind;
  readonly #byId = new Map<string, Entity>();
  readonly #byIdentity = new Map<string, Entity>();
  readonly #byName = new Map<string, Entity>();

  constructor(kind: LinkKind, loaded: Entity[]) {
    this.#kind = kind;
    for (const entity of loaded) this.#index(entity);
  }

  byId(id: string): Entity | undefined {
    return this.#byId.get(id);
  }

  byIdentity(identity: string | undefined): Entity | undefined {
    return identity === undefined ? undefined : this.#byIdentity.get(identity);
  }

  all(): Iterable<Entity> {
    return this.#byId.values();
  }

  /** The entity that an identity, or else a trait and a name, mean; made where there is none; an identity that comes later is adopted. */
  resolve(identity: string | undefined, name: string | undefined, trait: string | undefined): Entity | undefined {
    const known = identity === undefined ? undefined : this.#byIdentity.get(identity);
    if (known) return known;
    const named = this.#kind.namedIdentity && name !== undefined ? this.#byName.get(nameKey(trait, name)) : undefined;
    if (named && (identity === undefined || named.identity === undefined)) {
      if (identity !== undefined) {
        named.identity = identity;
        named.touched = true;
        this.#index(named);
      }
      return named;
    }
    if (identity === undefined && !(this.#kind.namedIdentity && name !== undefined)) return undefined;
    const made: Entity = {
      id: newResourceId(),
      version: 1,
      identity,
      name: name ?? (this.#kind.namedIdentity ? identity : undefined),
      trait,
      claimed: false,
      derived: false,
      isNew: true,
      touched: true,
      marked: false,
    };
    this.#index(made);
    return made;
  }

  #index(entity: Entity): void {
    this.#byId.set(entity.id, entity);
    if (entity.identity !== undefined) this.#byIdentity.set(entity.identity, entity);
    if (entity.name !== undefined && !this.#byName.has(nameKey(entity.trait, entity.name))) {
      this.#byName.set(nameKey(entity.trait, entity.name), entity);
    }
  }
}

function nameKey(trait: string | undefined, name: string): string {
  return `${foldText(trait ?? '')}\u0000${foldText(name)}`;
}
