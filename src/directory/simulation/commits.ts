// Commits of a simulation: checked against the real store and what the simulation wrote before, in the order of the writes as the
// store would, then kept in the overlays. Nothing reaches the real store.

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
 * @param reader the simulation's own reads
 * @param activeUsers active users of an account in the real store
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
      // A conditional write finds the new revision when it is prepared again, and is stale.
    } while (await retry(budget));
    return { ok: false, reason: 'busy' };
  };
}

interface ActiveCount {
  /** Active users with what the simulation did; undefined until it is asked for. */
  active: number | undefined;
}

function stepsOf(prepared: readonly Prepared[]): Step[] {
  return prepared.flatMap((one) => ('steps' in one ? one.steps : []));
}

/** Loads what the check looks at, of every kind. */
async function loadAll(overlays: Overlays, prepared: readonly Prepared[]): Promise<void> {
  const steps = stepsOf(prepared);
  const looks = (['user', 'group', 'store'] as const).map((kind) => {
    const ofKind = steps.filter((step) => step.kind === kind);
    const claims = ofKind.flatMap((step) => step.claims);
    const ids = [...ofKind.map(({ id }) => id), ...claims.flatMap((claim) => claim.stored)];
    return { overlay: overlays[kind], wanted: { ids, keys: claims.map(({ key }) => key) } };
  });
  do await Promise.all(looks.map(({ overlay, wanted }) => overlay.load(wanted)));
  while (!looks.every(({ overlay, wanted }) => overlay.isCached(wanted)));
}

/** Checks and keeps in one go, without giving way to other commits in between. `moved`: another one was faster. */
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

/** Why a step can't be kept, after the steps of the same commit that came before it. */
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
    if (others.length > 0 || isDraftedBesides(step, key, drafts)) return { ok: false, reason: 'taken', value };
  }
  return undefined;
}

/** Whether an earlier write of the same commit gives another document this key. */
function isDraftedBesides({ kind, id }: Step, key: string, drafts: Drafts): boolean {
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
