// Kills a batch at random points until it is finished, and returns the outcomes of its blocks.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { documentOf, goodBlock, type TestBatch } from './batch.ts';

export interface KilledBatch {
  kills: number;
  /** Looks after a kill at which the file was in both places, or in none. */
  misplaced: string[][];
  /** Users with another number of versions or of audit records than one. */
  odd: number;
  users: number;
  rows: number;
  counts: unknown;
  state: string;
  archivedSame: boolean;
  failuresSame: boolean;
}

const RUN_MS_MAX = 120_000;

/**
 * Puts in a file of so many blocks (one of ten is refused) and kills the process that works on it `kills` times.
 * @param pauseMs the longest time that a process lives before it is killed, in milliseconds
 */
export async function killBatch(
  batch: TestBatch,
  blocks: number,
  kills: number,
  pauseMs: number,
): Promise<KilledBatch> {
  const { db } = batch.directory;
  const fileset = `kills-${blocks}`;
  const texts = Array.from({ length: blocks }, (_, n) =>
    goodBlock(`kill${n}`, {
      RetailLocationId: n % 2 === 0 ? '00001' : '00002',
      ...(n % 10 === 0 ? { CountryCode: 'XX' } : {}),
    }),
  );
  const content = documentOf(...texts);
  await batch.drop('killed.xml', content, fileset);
  const here = fileURLToPath(new URL('./batch-process.js', import.meta.url));
  const { uri, name } = { uri: batch.directory.uri, name: db.databaseName };
  const misplaced: string[][] = [];
  const started = Date.now();
  let killed = 0;
  const ended = async () => (await batch.runs.list(batch.account.id, { limit: 1 })).runs[0]?.finished !== undefined;
  while (!(await ended()) && Date.now() - started < RUN_MS_MAX) {
    const child = spawn(process.execPath, [here, uri, name, batch.root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    if (killed < kills) {
      await sleep(Math.random() * pauseMs);
      if (!(await ended())) killed += 1;
    } else {
      while (!(await ended()) && Date.now() - started < RUN_MS_MAX) await sleep(50);
    }
    child.kill('SIGKILL');
    await exited;
    const places = (await batch.tree()).filter((path) => path.includes(`/${fileset}/`) && !path.includes('/failed/'));
    if (places.length !== 1) misplaced.push(places);
  }
  return { kills: killed, misplaced, ...(await outcome(batch, fileset, content, texts)) };
}

async function outcome(batch: TestBatch, fileset: string, content: string, texts: string[]) {
  const { db } = batch.directory;
  const [run] = (await batch.runs.list(batch.account.id, { limit: 1 })).runs;
  if (!run) throw new Error('no run was made');
  await batch.directory.relay.drain();
  const records = await db
    .collection('audit')
    .aggregate<{ _id: string; n: number }>([
      { $match: { account: batch.account.id, request: { $regex: `^${run.id}:` } } },
      { $group: { _id: '$subject', n: { $sum: 1 } } },
    ])
    .toArray();
  const users = await db
    .collection<{ _id: string; version: number }>('users')
    .find({ account: batch.account.id, 'fold.userName': { $regex: '^kill' } }, { projection: { version: 1 } })
    .toArray();
  const seen = new Map(records.map(({ _id, n }) => [_id, n]));
  const odd = users.filter((user) => user.version !== 1 || seen.get(user._id) !== 1).length;
  const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
  const failures = documentOf(...texts.filter((_, n) => n % 10 === 0));
  const read = async (path: string) => batch.read(join('complete', fileset, path)).catch(() => '');
  return {
    odd,
    users: users.length,
    rows: await db.collection('runRows').countDocuments({ run: run.id }),
    counts: run.counts,
    state: run.state,
    archivedSame: hash(await read('archived/killed.xml')) === hash(content),
    failuresSame: hash(await read('failed/killed_failures.xml')) === hash(failures),
  };
}
