// What a simulation keeps: right about every document and key while it is put away and brought back, and little of it in memory.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { createShelf, type ShelfEntry } from '../../src/directory/simulation/overlay.ts';

interface Thing {
  _id: string;
  name: string;
  revision: number;
}

/** A store that takes its time, so that what is asked and what is put away overtake each other. */
function slowStore() {
  const entries = new Map<string, ShelfEntry>();
  const pause = () => sleep(Math.random() * 4);
  return {
    entries,
    async put(_kind: string, batch: ShelfEntry[]) {
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
  };
}

function open() {
  const store = slowStore();
  const shelf = createShelf<Thing>(store, 'user', ({ name, revision }) => ({ keys: [`n:${name}`], revision }));
  return { store, shelf };
}

describe('a shelf', () => {
  test('tells who has a key and what was written last, whatever is put away meanwhile', async () => {
    const { shelf } = open();
    const model = new Map<string, Thing | undefined>();
    let revision = 0;
    const write = (): void => {
      const _id = `id${Math.floor(Math.random() * 900)}`;
      revision += 1;
      const thing = Math.random() < 0.1 ? undefined : { _id, name: `n${Math.floor(Math.random() * 300)}`, revision };
      shelf.put(_id, thing);
      model.set(_id, thing);
    };
    const check = async (): Promise<void> => {
      const name = `n${Math.floor(Math.random() * 300)}`;
      const id = `id${Math.floor(Math.random() * 900)}`;
      await shelf.look({ ids: [id], keys: [`n:${name}`] }, () => {
        const holders = [...model.values()].flatMap((thing) => (thing?.name === name ? [thing._id] : []));
        assert.deepEqual(shelf.holders(`n:${name}`).sort(), holders.sort());
        assert.deepEqual([shelf.has(id), shelf.get(id)], [model.has(id), model.get(id)]);
        assert.equal(shelf.revision(id), model.has(id) ? (model.get(id)?.revision ?? -1) : undefined);
      });
    };
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        for (let count = 0; count < 20; count += 1) write();
        await Promise.all([shelf.settle(), check(), check()]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  });

  test('keeps little in memory, however much is written and asked for', async () => {
    const { store, shelf } = open();
    let most = 0;
    for (let from = 0; from < 20_000; from += 500) {
      const ids = Array.from({ length: 500 }, (_, index) => `id${from + index}`);
      await shelf.bring({ ids: ids.map((id) => `before ${id}`), keys: ids.map((id) => `n:${id}`) });
      for (const id of ids) {
        shelf.put(id, { _id: id, name: id, revision: 1 });
        await shelf.settle();
        most = Math.max(most, shelf.size());
      }
    }
    assert.equal(store.entries.size, 20_000);
    assert.ok(most <= 3000, `${most} documents were in memory`);
    const [first] = await shelf.look({ keys: ['n:id0'] }, () => shelf.holders('n:id0'));
    assert.equal(first, 'id0');
  });
});
