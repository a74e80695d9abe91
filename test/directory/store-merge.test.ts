// The merge of stores when many of its users cannot be moved: the steps pass over them, and say who they are.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { createStoreMerge } from '../../src/directory/administration/store-merge.ts';
import { fault } from '../../src/directory/faults.ts';
import type { Caller, StoreView } from '../../src/directory/model.ts';
import type { CursorPosition, Query } from '../../src/directory/query/query.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { packageFolder } from '../support/package-folder.ts';

type Dependencies = Parameters<typeof createStoreMerge>[0];

const caller = { account: { id: 'acc' } } as Caller;
const stores = new Map(['old', 'new'].map((id) => [id, { id, refId: id, name: id, country: '32' } as StoreView]));

/** A merge over users with these names, of whom those that begin with `no` cannot be moved. */
function mergeOver(names: readonly string[]) {
  const holders = new Set(names);
  const tried: string[] = [];
  const dependencies = {
    schema: loadSchemaCatalogue(packageFolder('scim-schemas')).user,
    records: {
      async users(_account: string, { page }: Query) {
        const after = page.kind === 'cursor' ? (page.after?.id ?? '') : '';
        const found = [...holders].sort().filter((id) => id > after);
        const shown = found.slice(0, page.count).map((_id) => ({ _id, data: { userName: _id } }));
        const next = found.length > shown.length ? { next: { key: null, id: shown.at(-1)?._id ?? '' } } : {};
        return { total: holders.size, length: shown.length, at: (index: number) => shown[index], ...next };
      },
    },
    provision: {
      async updateUser(_caller: Caller, id: string) {
        tried.push(id);
        if (id.startsWith('no')) return { ok: false, faults: [fault('forbidden', id)] };
        holders.delete(id);
        return { ok: true };
      },
    },
    administration: {
      store: async (_caller: Caller, id: string) => stores.get(id),
      deleteStore: async () => ({ ok: true, value: undefined, effect: 'deleted' }),
    },
  };
  return { merge: createStoreMerge(dependencies as unknown as Dependencies), tried };
}

const numbered = (head: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${head}-${String(index).padStart(3, '0')}`);

test('goes on behind 200 users who cannot be moved, tries nobody twice, and names them', async () => {
  const { merge, tried } = mergeOver([...numbered('no', 203), ...numbered('yes', 250)]);
  const first = await merge.step(caller, 'old', 'new');
  assert.ok(first.ok && !first.value.done && first.value.next, 'goes on');
  assert.deepEqual([first.value.moved, first.value.stayed, first.value.reasons.length], [0, 200, 20]);
  assert.equal(first.value.reasons[0]?.userName, 'no-000');
  let next: CursorPosition | undefined = first.value.next;
  let moved = 0;
  let stayed = 200;
  for (let steps = 0; next !== undefined; steps += 1) {
    assert.ok(steps < 5, 'the merge does not end');
    const step = await merge.step(caller, 'old', 'new', next);
    assert.ok(step.ok && !step.value.done);
    moved += step.value.moved;
    stayed += step.value.stayed;
    next = step.value.next;
  }
  assert.deepEqual([moved, stayed, tried.length], [250, 203, 453]);
  // Nobody is left who could be moved.
  const again = await mergeOver(['no-1']).merge.step(caller, 'old', 'new');
  assert.ok(!again.ok && again.faults[0].code === 'forbidden');
});

test('removes the store with the step that moves its last user', async () => {
  const { merge } = mergeOver(numbered('yes', 201));
  const first = await merge.step(caller, 'old', 'new');
  assert.ok(first.ok && first.value.next);
  const last = await merge.step(caller, 'old', 'new', first.value.next);
  assert.ok(last.ok && last.value.done);
  assert.deepEqual([first.value.moved, last.value.moved], [200, 1]);
});
