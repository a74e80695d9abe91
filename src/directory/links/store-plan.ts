// Plans a user's links to stores. The stores that they link to are created and renamed in the same commit.

import { storeRecord } from '../change-record.ts';
import type { StoredStore } from '../model.ts';
import type { Write } from '../records.ts';
import { foldText } from '../schema/fold.ts';
import type { PlanContext } from '../users/change-request.ts';
import { applyLinkChanges, type LinkRequest } from './apply.ts';
import { Entities, type Entity, entityOfStore } from './entities.ts';
import {
  editedTargets,
  isAnyChanged,
  isUnchanged,
  type KindPlan,
  mentioned,
  targetIdsOf,
  unchangedPlan,
  usedEntities,
} from './kind-plan.ts';
import { STORE_LINKS } from './kinds.ts';

/** Plans the links to stores. */
export async function storePlan(context: PlanContext, request: LinkRequest): Promise<KindPlan<StoredStore>> {
  const { current } = request;
  if (isUnchanged(request)) return unchangedPlan(request);
  const { records } = context;
  const account = context.caller.account.id;
  const { references } = mentioned(STORE_LINKS, request);
  const [linked, referenced] = await Promise.all([
    current.length > 0 ? records.storesById(account, targetIdsOf(current)) : [],
    references.length > 0 ? records.storesByRefId(account, references) : [],
  ]);
  const stored = new Map([...linked, ...referenced].map((store) => [store._id, store]));
  const entities = new Entities(STORE_LINKS, [...stored.values()].map(entityOfStore));
  const plan = applyLinkChanges(STORE_LINKS, entities, request);
  const targets = usedEntities(entities, plan.links);
  const used = targets.map((entity) => {
    const before = stored.get(entity.id);
    const store = storeAfter(context, entity, before);
    return { store, write: storeWrite(context, entity, before, store) };
  });
  return {
    ...plan,
    writes: used.flatMap(({ write }) => write ?? []),
    after: used.map(({ store }) => store),
    isRenamed: isAnyChanged(entities),
    edited: editedTargets(STORE_LINKS, targets),
  };
}

function storeAfter({ caller, now }: PlanContext, entity: Entity, stored: StoredStore | undefined): StoredStore {
  return {
    ...(stored ?? { _id: entity.id, account: caller.account.id, version: 1, created: now, modified: now, changes: [] }),
    refId: entity.ids[0] ?? '',
    ...(entity.name === undefined ? {} : { name: entity.name, nameFold: foldText(entity.name) }),
    ...(entity.secondaryKey === undefined ? {} : { country: entity.secondaryKey }),
  };
}

function storeWrite(
  context: PlanContext,
  entity: Entity,
  before: StoredStore | undefined,
  store: StoredStore,
): Write | undefined {
  if (!entity.changed) return undefined;
  const record = storeRecord(context, entity.isNew ? 'create' : 'update', before, store);
  if (entity.isNew) return { kind: 'insertStore', store: { ...store, changes: [record] } };
  const { name, nameFold, country } = store;
  const changes = { set: { name, nameFold, country, modified: context.now }, unset: [] };
  return { kind: 'updateStore', id: entity.id, ifVersion: entity.version, changes, record };
}
