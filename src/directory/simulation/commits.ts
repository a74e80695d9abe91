// Commits of a simulation: checks writes in order against the stored documents and the overlays, as the database would, and stores them
// in the overlays. Nothing is written to the directory.

import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { CommitResult, RecordsReader, RecordsWriter } from '../records.ts';
import { retry } from '../retry-budget.ts';
import type { Overlays, SimulationContext } from './context.ts';
import { groupKeys, storeKeys, userKeys } from './keys.ts';
import {
  type Document,
  type Drafts,
  draftKey,
  type Kind,
  type Prepared,
  prepareWrite,
  type Step,
} from './preparation.ts';

/**
 * Creates the commit of a simulation.
 * @param reader reads the overlays and the database
 * @param activeUsers returns the number of active users in the database
 */
export function createSimulatedCommit(
  context: SimulationContext,
  reader: RecordsReader,
  activeUsers: (account: string) => Promise<number>,
): RecordsWriter['commit'] {
  const { overlays } = context;
  const count: ActiveCount = { active: undefined };
  return async (account, writes, budget) => {
    do {
      const prepared: Prepared[] = [];
      const drafts: Drafts = new Map();
      for (const write of writes) {
        if (write.kind === 'countActive') count.active ??= await activeUsers(account);
        const one = await prepareWrite({ ...context, reader, account }, write, drafts);
        prepared.push(one);
        if ('failure' in one) break;
        for (const { kind, id, document } of one.steps) drafts.set(draftKey(kind, id), document);
      }
      await loadAll(overlays, prepared);
      const result = checkAndKeep(overlays, count, prepared);
      await Promise.all([overlays.user.flush(), overlays.group.flush(), overlays.store.flush()]);
      if (result !== 'moved') return result;
      // Prepared again, a conditional write finds the new revision and fails with `stale`.
    } while (await retry(budget));
    return { ok: false, reason: 'busy' };
  };
}

interface ActiveCount {
  /** Number of active users in the simulation; undefined until it is needed. */
  active: number | undefined;
}

function stepsOf(prepared: readonly Prepared[]): Step[] {
  return prepared.flatMap((one) => ('steps' in one ? one.steps : []));
}

/** Loads everything that the check needs into the caches of the overlays. */
async function loadAll(overlays: Overlays, prepared: readonly Prepared[]): Promise<void> {
  const steps = stepsOf(prepared);
  const loads = (['user', 'group', 'store'] as const).map((kind) => {
    const ofKind = steps.filter((step) => step.kind === kind);
    const claims = ofKind.flatMap((step) => step.claims);
    const ids = [...ofKind.map(({ id }) => id), ...claims.flatMap((claim) => claim.stored)];
    return { overlay: overlays[kind], wanted: { ids, keys: claims.map(({ key }) => key) } };
  });
  do await Promise.all(loads.map(({ overlay, wanted }) => overlay.load(wanted)));
  while (!loads.every(({ overlay, wanted }) => overlay.isCached(wanted)));
}

/** Checks and stores synchronously, so that no other commit runs in between. `moved`: a concurrent commit changed a document. */
function checkAndKeep(overlays: Overlays, count: ActiveCount, prepared: readonly Prepared[]): CommitResult | 'moved' {
  const drafts: Drafts = new Map();
  let { active = 0 } = count;
  for (const one of prepared) {
    if ('failure' in one) return one.failure;
    for (const step of one.steps) {
      const problem = problemOf(overlays, step, drafts);
      if (problem) return problem;
      drafts.set(draftKey(step.kind, step.id), step.document);
    }
    if (!one.count) continue;
    const { delta, limit } = one.count;
    if (delta > 0 && active >= limit) return { ok: false, reason: 'userLimit' };
    active += delta;
  }
  if (count.active !== undefined) count.active = active;
  for (const step of stepsOf(prepared)) keep(overlays, step);
  return { ok: true, groups: prepared.flatMap((one) => ('group' in one && one.group ? one.group : [])) };
}

/** The conflict of a step with stored documents or earlier steps of the same commit; undefined if there is none. */
function problemOf(
  overlays: Overlays,
  step: Step,
  drafts: Drafts,
): (CommitResult & { ok: false }) | 'moved' | undefined {
  const { kind, id, from, claims } = step;
  const overlay = overlays[kind];
  const isDrafted = drafts.has(draftKey(kind, id));
  const revision = overlay.revision(id);
  if (from === undefined) {
    const exists = isDrafted ? drafts.get(draftKey(kind, id)) !== undefined : overlay.get(id) !== undefined;
    if (exists) return { ok: false, reason: 'taken', value: 'id' };
  } else if (!isDrafted && revision !== undefined && revision !== from) return 'moved';
  for (const { value, key, stored } of claims) {
    const holders = [...overlay.holders(key), ...stored.filter((other) => !overlay.has(other))];
    const others = holders.filter((other) => other !== id && !drafts.has(draftKey(kind, other)));
    if (others.length > 0 || isTakenInDrafts(step, key, drafts)) return { ok: false, reason: 'taken', value };
  }
  return undefined;
}

/** Whether an earlier write of the same commit gives this key to another document. */
function isTakenInDrafts({ kind, id }: Step, key: string, drafts: Drafts): boolean {
  for (const [name, document] of drafts) {
    if (!document || name === draftKey(kind, id) || !name.startsWith(`${kind} `)) continue;
    if (keysOf(kind, document).includes(key)) return true;
  }
  return false;
}

function keysOf(kind: Kind, document: Document): string[] {
  if (kind === 'user') return userKeys(document as StoredUser).keys;
  return kind === 'group' ? groupKeys(document as StoredGroup).keys : storeKeys(document as StoredStore).keys;
}

function keep(overlays: Overlays, { kind, id, document }: Step): void {
  if (kind === 'user') overlays.user.put(id, document as StoredUser | undefined);
  else if (kind === 'group') overlays.group.put(id, document as StoredGroup | undefined);
  else overlays.store.put(id, document as StoredStore | undefined);
}
