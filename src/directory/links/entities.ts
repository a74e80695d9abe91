// The stores and groups that a plan of links works on: those that exist, found by an ID or by name, and those it makes. A group
// without an ID is identified by its type and folded name, and adopts an ID that comes later.

import { idsOf } from '../groups/identities.ts';
import { newResourceId } from '../ids.ts';
import type { StoredGroup, StoredStore } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { TargetValues } from './changes.ts';
import type { LinkKind } from './kinds.ts';

/** What a link leads to, while a change is planned. */
export interface Entity {
  id: string;
  version: number;
  /** The IDs that lead to it: a store's ref id, all IDs of a group. */
  ids: string[];
  /** IDs of a group with which it was pushed and which no user stated. */
  pushedIds: string[];
  /** IDs that this request is the first to state on a user. */
  statedIds: string[];
  name: string | undefined;
  /** A store's country or a group's type. */
  secondaryKey: string | undefined;
  /** Pushed as a group of its own: a user's first statement does not rename it. */
  claimed: boolean;
  derived: boolean;
  /** Whether name and secondary key lead to it when no ID is stated. */
  holdsName: boolean;
  isNew: boolean;
  /** Something that is served of it changes: name, secondary key or an ID. */
  changed: boolean;
  /** It is written although nothing that is served of it changes. */
  isNoted: boolean;
}

const UNCHANGED = {
  claimed: false,
  derived: false,
  holdsName: false,
  isNew: false,
  changed: false,
  isNoted: false,
};

export function entityOfStore(store: StoredStore): Entity {
  const { _id: id, version, refId, name, country } = store;
  const ids = { ids: [refId], pushedIds: [], statedIds: [] };
  return { ...UNCHANGED, ...ids, id, version, name, secondaryKey: country };
}

export function entityOfGroup(group: StoredGroup): Entity {
  const { _id: id, version, name, claimed, derived, holdsName } = group;
  const secondaryKey = group.type === '' ? undefined : group.type;
  const stated = new Set(group.identities.flatMap(({ value, pushed }) => (pushed ? [] : [value])));
  const ids = idsOf(group);
  const pushedIds = ids.filter((value) => !stated.has(value));
  return { ...UNCHANGED, id, version, ids, pushedIds, statedIds: [], name, secondaryKey, claimed, derived, holdsName };
}

/** The entities that a plan works on: those loaded, and those it makes. */
export class Entities {
  readonly #kind: LinkKind;
  readonly #byId = new Map<string, Entity>();
  readonly #byIdentity = new Map<string, Entity>();
  readonly #byName = new Map<string, Entity>();

  /** Of several that have a name, the first loaded is the one that the name leads to. */
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
   * The entity that a reference means, or else a secondary key and a name; made if there is none. An entity without an ID adopts
   * one that comes later. Undefined for a statement that identifies nothing.
   */
  resolve({ reference, name, secondaryKey }: TargetValues): Entity | undefined {
    const known = this.byIdentity(reference);
    if (known) return known;
    const { isIdentifiedByName } = this.#kind;
    const named = isIdentifiedByName && name !== undefined ? this.#byName.get(nameKey(secondaryKey, name)) : undefined;
    if (named && reference === undefined) return named;
    if (named && reference !== undefined && named.ids.length === 0) {
      named.ids.push(reference);
      named.statedIds.push(reference);
      named.changed = true;
      this.#index(named);
      return named;
    }
    if (reference === undefined && !(isIdentifiedByName && name !== undefined)) return undefined;
    return this.#make({ reference, name: name ?? (isIdentifiedByName ? reference : undefined), secondaryKey });
  }

  #make({ reference, name, secondaryKey }: TargetValues): Entity {
    const ids = reference === undefined ? [] : [reference];
    const made: Entity = {
      ...UNCHANGED,
      id: newResourceId(),
      version: 1,
      ids,
      pushedIds: [],
      statedIds: [...ids],
      name,
      secondaryKey,
      holdsName: true,
      isNew: true,
      changed: true,
    };
    this.#index(made);
    return made;
  }

  #index(entity: Entity): void {
    this.#byId.set(entity.id, entity);
    for (const identity of entity.ids) this.#byIdentity.set(identity, entity);
    if (entity.name === undefined) return;
    const key = nameKey(entity.secondaryKey, entity.name);
    if (!this.#byName.has(key)) this.#byName.set(key, entity);
  }
}

/** What a name leads to a group by. */
export function nameKey(secondaryKey: string | undefined, name: string): string {
  return `${foldText(secondaryKey ?? '')}\u0000${foldText(name)}`;
}
