// The stores and groups that a plan of links works on: those that exist, found by identity or by name, and those it makes.
// The ID is the identity; a group without one is identified by its type and folded name, and adopts an ID that comes later.

import { newResourceId } from '../ids.ts';
import type { StoredGroup, StoredStore } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { TargetValues } from './changes.ts';
import type { LinkKind } from './kinds.ts';

/** What a link leads to, while a change is planned. `secondaryKey` is a store's country or a group's type. */
export interface Entity {
  id: string;
  version: number;
  identity: string | undefined;
  name: string | undefined;
  secondaryKey: string | undefined;
  /** Pushed as a group of its own: a user's first statement does not rename it. */
  claimed: boolean;
  derived: boolean;
  isNew: boolean;
  /** Something that is served of it changes: name, secondary key or identity. */
  changed: boolean;
  /** It follows an attribute from now on: written, but nothing that is served changes. */
  becomesDerived: boolean;
}

export function entityOfStore(store: StoredStore): Entity {
  return {
    id: store._id,
    version: store.version,
    identity: store.refId,
    name: store.name,
    secondaryKey: store.country,
    claimed: false,
    derived: false,
    isNew: false,
    changed: false,
    becomesDerived: false,
  };
}

export function entityOfGroup(group: StoredGroup): Entity {
  return {
    id: group._id,
    version: group.version,
    identity: group.externalId,
    name: group.name,
    secondaryKey: group.type === '' ? undefined : group.type,
    claimed: group.claimed,
    derived: group.derived,
    isNew: false,
    changed: false,
    becomesDerived: false,
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

  /**
   * The entity that a reference means, or else a secondary key and a name; made if there is none. An identity that comes later is
   * adopted. Undefined for a statement that identifies nothing.
   */
  resolve({ reference: identity, name, secondaryKey }: TargetValues): Entity | undefined {
    const known = identity === undefined ? undefined : this.#byIdentity.get(identity);
    if (known) return known;
    const named =
      this.#kind.isIdentifiedByName && name !== undefined ? this.#byName.get(nameKey(secondaryKey, name)) : undefined;
    if (named && (identity === undefined || named.identity === undefined)) {
      if (identity !== undefined) {
        named.identity = identity;
        named.changed = true;
        this.#index(named);
      }
      return named;
    }
    if (identity === undefined && !(this.#kind.isIdentifiedByName && name !== undefined)) return undefined;
    const made: Entity = {
      id: newResourceId(),
      version: 1,
      identity,
      name: name ?? (this.#kind.isIdentifiedByName ? identity : undefined),
      secondaryKey,
      claimed: false,
      derived: false,
      isNew: true,
      changed: true,
      becomesDerived: false,
    };
    this.#index(made);
    return made;
  }

  #index(entity: Entity): void {
    this.#byId.set(entity.id, entity);
    if (entity.identity !== undefined) this.#byIdentity.set(entity.identity, entity);
    if (entity.name !== undefined && !this.#byName.has(nameKey(entity.secondaryKey, entity.name))) {
      this.#byName.set(nameKey(entity.secondaryKey, entity.name), entity);
    }
  }
}

function nameKey(secondaryKey: string | undefined, name: string): string {
  return `${foldText(secondaryKey ?? '')}\u0000${foldText(name)}`;
}
