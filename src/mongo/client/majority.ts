// Whether writes can be acknowledged. A primary that has lost its majority still answers pings for ten seconds, so only a write that a
// majority journals proves it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { collectionsOf } from '../collections.ts';

const MS_MAX = 1_500;
/** How long an answer is used again. */
const AGE_MS_MAX = 500;

/** Makes a function that returns whether a majority acknowledges a small write within 1.5 s. All who ask at the same time share one write. */
export function createMajorityCheck(db: Db): () => Promise<boolean> {
  const { leases } = collectionsOf(db);
  let asked: { answer: Promise<boolean>; until: number } | undefined;

  async function write(): Promise<boolean> {
    const written = leases
      .updateOne({ _id: 'readiness' }, [{ $set: { owner: 'everybody', until: '$$NOW' } }], {
        upsert: true,
        maxTimeMS: MS_MAX,
        writeConcern: { w: 'majority', j: true, wtimeoutMS: MS_MAX },
      })
      .then(
        () => true,
        () => false,
      );
    return await Promise.race([written, sleep(MS_MAX, false, { ref: false })]);
  }

  return () => {
    if (asked && performance.now() < asked.until) return asked.answer;
    const current = { answer: write(), until: Number.POSITIVE_INFINITY };
    asked = current;
    void current.answer.then(() => {
      current.until = performance.now() + AGE_MS_MAX;
    });
    return current.answer;
  };
}
