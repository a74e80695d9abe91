// The stores and groups of a plan of links: existing ones, which are found by an ID or by name, and new ones. A group without an ID is
// identified by its type and folded name, and gets the first ID that is sent with them.

import { idsOf } from '../groups/identities.ts';
import { newResourceId } from '../ids.ts';
import type { StoredGroup, StoredStore } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { TargetValues } from './changes.ts';
import type { LinkKind } from './kinds.ts';

/** A store or group while a change is planned. */
export interface Entity {
  id: string;
  version: number;
  /** A store's ref id, or all IDs of a group. */
  ids: string[];
  /** IDs of a group that were pushed and never sent with a user. */
  pushedIds: string[];
  /** IDs that this request is the first to send with a user. */
  statedIds: string[];
  name: string | undefined;
  /** A store's country or a group's type. */
  secondaryKey: string | undefined;
  /** Whether a source pushes the group, so that the first name sent with a user does not rename it. */
  claimed: boolean;
  derived: boolean;
  /** Whether a request without an ID finds it by name and secondary key. */
  holdsName: boolean;
  isNew: boolean;
  /** Whether a served value changes: the name, the secondary key or an ID. */
  changed: boolean;
  /** Whether it must be written although no served value changes. */
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

/** Returns the entity of a stored store. */
export function entityOfStore(store: StoredStore): Entity {
  const { _id: id, version, refId, name, country } = store;
  const ids = { ids: [refId], pushedIds: [], statedIds: [] };
  return { ...UNCHANGED, ...ids, id, version, name, secondaryKey: country };
}

/** Returns the entity of a stored group. */
export function entityOfGroup(group: StoredGroup): Entity {
  const { _id: id, version, name, claimed, derived, holdsName } = group;
  const secondaryKey = group.type === '' ? undefined : group.type;
  const stated = new Set(group.identities.flatMap(({ value, pushed }) => (pushed ? [] : [value])));
  const ids = idsOf(group);
  const pushedIds = ids.filter((value) => !stated.has(value));
  return { ...UNCHANGED, id, version, ids, pushedIds, statedIds: [], name, secondaryKey, claimed, derived, holdsName };
}

/** The entities of a plan: loaded and new ones. */
export class Entities {
  readonly #kind: LinkKind;
  readonly #byId = new Map<string, Entity>();
  readonly #byIdentity = new Map<string, Entity>();
  readonly #byName = new Map<string, Entity>();

  /** If several entities have the same name, the first one in `loaded` is found by it. */
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
   * Finds an entity by reference, or else by secondary key and name, and creates it if there is none. An entity without an ID gets the
   * reference. Undefined if the values identify nothing.
   */
  resolve({ reference, name, secondaryKey }: TargetValues): Entity | undefined {
    const identified = this.byIdentity(reference);
    if (identified) return identified;
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

/** The key by which a group is found by type and name. */
export function nameKey(secondaryKey: string | undefined, name: string): string {
  return `${foldText(secondaryKey ?? '')}\u0000${foldText(name)}`;
}
