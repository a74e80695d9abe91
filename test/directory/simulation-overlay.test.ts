// What a simulation keeps: right about every document and key while it is flushed and loaded again, and little of it in memory.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { createOverlay, type OverlayEntry } from '../../src/directory/simulation/overlay.ts';

interface Thing {
  _id: string;
  name: string;
  revision: number;
}

/** A slow store, so that lookups and flushes overtake each other. */
function slowStore() {
  const entries = new Map<string, OverlayEntry>();
  const pause = () => sleep(Math.random() * 4);
  return {
    entries,
    async put(_kind: string, batch: OverlayEntry[]) {
      await pause();
      for (const entry of batch) entries.set(entry._id, entry);
      await pause();
    },
    async find(_kind: string, { ids, keys }: { ids: readonly string[]; keys: readonly string[] }) {
      await pause();
      const found = [...entries.values()].filter(
        (entry) => ids.includes(entry._id) || entry.keys.some((key) => keys.includes(key)),
      );
      await pause();
      return found;
    },
    async *all() {
      yield* entries.values();
    },
  };
}

function open() {
  const store = slowStore();
  const overlay = createOverlay<Thing>(store, 'user', ({ name, revision }) => ({ keys: [`n:${name}`], revision }));
  return { store, overlay };
}

describe('an overlay', () => {
  test('knows who has a key and what was written last, whatever is flushed meanwhile', async () => {
    const { overlay } = open();
    const model = new Map<string, Thing | undefined>();
    let revision = 0;
    const write = (): void => {
      const _id = `id${Math.floor(Math.random() * 900)}`;
      revision += 1;
      const thing = Math.random() < 0.1 ? undefined : { _id, name: `n${Math.floor(Math.random() * 300)}`, revision };
      overlay.put(_id, thing);
      model.set(_id, thing);
    };
    const check = async (): Promise<void> => {
      const name = `n${Math.floor(Math.random() * 300)}`;
      const id = `id${Math.floor(Math.random() * 900)}`;
      await overlay.read({ ids: [id], keys: [`n:${name}`] }, () => {
        const holders = [...model.values()].flatMap((thing) => (thing?.name === name ? [thing._id] : []));
        assert.deepEqual(overlay.holders(`n:${name}`).sort(), holders.sort());
        assert.deepEqual([overlay.has(id), overlay.get(id)], [model.has(id), model.get(id)]);
        assert.equal(overlay.revision(id), model.has(id) ? (model.get(id)?.revision ?? -1) : undefined);
      });
    };
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        for (let count = 0; count < 20; count += 1) write();
        await Promise.all([overlay.flush(), check(), check()]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  });

  test('keeps little in memory, however much is written and asked for', async () => {
    const { store, overlay } = open();
    let most = 0;
    for (let from = 0; from < 20_000; from += 500) {
      const ids = Array.from({ length: 500 }, (_, index) => `id${from + index}`);
      await overlay.load({ ids: ids.map((id) => `before ${id}`), keys: ids.map((id) => `n:${id}`) });
      for (const id of ids) {
        overlay.put(id, { _id: id, name: id, revision: 1 });
        await overlay.flush();
        most = Math.max(most, overlay.size());
      }
    }
    assert.equal(store.entries.size, 20_000);
    assert.ok(most <= 3000, `${most} documents were in memory`);
    const [first] = await overlay.read({ keys: ['n:id0'] }, () => overlay.holders('n:id0'));
    assert.equal(first, 'id0');
  });
});
