// Takes what comes into the filesets: makes a run of every file that is complete. Several instances may watch one root: one
// unfinished run a file is all that the store of runs allows.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStore } from '../../../runs/store.ts';
import type { FindOwner } from '../batch/directory.ts';
import type { BatchFiles, BatchPlace, IncomingFile } from './files.ts';

export interface IncomingWatchOptions {
  files: BatchFiles;
  runs: Pick<RunStore, 'createExclusive' | 'openRun'>;
  owner: FindOwner;
  /** Milliseconds without a change after which a file counts as complete. */
  settleMs: number;
  /** Milliseconds between two looks. */
  pollMs: number;
  /** There is a new run to work on. */
  onRun: () => void;
  onError: (error: unknown) => void;
}

export interface IncomingWatch {
  start(): void;
  /** Looks once. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** A run of the same file, unchanged, is not made more often: a file that stays in place has met an error of the server. */
const AGAIN_MS = 60_000;

/** What was seen of a file, at the look before. */
interface Seen {
  bytes: number;
  changed: number;
  /** Looks that saw it like this. */
  looks: number;
  /** By this process's own clock, which never jumps. */
  since: number;
  takenAt?: number;
}

export function createIncomingWatch(options: IncomingWatchOptions): IncomingWatch {
  const { files, settleMs, pollMs, onError } = options;
  const stopping = new AbortController();
  let seen = new Map<string, Seen>();
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const before = seen;
    seen = new Map();
    for (const slug of await files.slugs()) {
      // What is wrong in one account's folder keeps no other account's files waiting.
      await lookAt(slug, before).catch(onError);
    }
  }

  async function lookAt(slug: string, before: ReadonlyMap<string, Seen>): Promise<void> {
    for (const file of await files.incoming(slug)) {
      if (stopping.signal.aborted) return;
      const key = JSON.stringify([slug, file.fileset, file.name]);
      const entry = seeAgain(before.get(key), file);
      seen.set(key, entry);
      if (isComplete(entry) && (await take(file))) entry.takenAt = performance.now();
    }
  }

  /** Complete: unchanged from one look to the next, and for the settle time by its own clock or by ours. */
  function isComplete({ changed, looks, since, takenAt }: Seen): boolean {
    const now = performance.now();
    if (takenAt !== undefined && now - takenAt < AGAIN_MS) return false;
    return looks > 1 && (now - since >= settleMs || Date.now() - changed >= settleMs);
  }

  async function take(file: IncomingFile): Promise<boolean> {
    const owner = await options.owner(file.slug);
    if (!owner) return false;
    const run = await runOfFile(options, file, {
      account: owner.account.id,
      connection: owner.connection.id,
      requestedBy: `incoming/${file.fileset}`,
    });
    if (run?.isNew) options.onRun();
    return run !== undefined;
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch(onError);
      await sleep(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running = loop();
    },
    look,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function seeAgain(before: Seen | undefined, { bytes, changed }: IncomingFile): Seen {
  if (before?.bytes === bytes && before.changed === changed.getTime()) return { ...before, looks: before.looks + 1 };
  return { bytes, changed: changed.getTime(), looks: 1, since: performance.now() };
}

/** What only one unfinished run may work on. */
export function exclusiveOf({ fileset, name }: Pick<BatchPlace, 'fileset' | 'name'>): string {
  return `${fileset}/${name}`;
}

/**
 * The run of a file that came in: a new one, or the one that is not finished yet; undefined where the file is gone.
 * @throws StoreUnavailable
 */
export async function runOfFile(
  { files, runs }: { files: Pick<BatchFiles, 'open'>; runs: Pick<RunStore, 'createExclusive' | 'openRun'> },
  place: BatchPlace,
  by: { account: string; connection: string; requestedBy: string },
): Promise<{ id: string; isNew: boolean } | undefined> {
  const exclusive = exclusiveOf(place);
  const open = await runs.openRun(by.account, exclusive);
  if (open) return { id: open.id, isNew: false };
  const file = await files.open(place);
  if (!file) return undefined;
  const hash = createHash('sha256');
  try {
    for await (const piece of file.pieces()) hash.update(piece);
  } finally {
    await file.close();
  }
  // Another instance may have come to the end of the file meanwhile: then it is not there any more.
  const still = await files.open(place);
  if (!still) return undefined;
  await still.close();
  const run = await runs.createExclusive({
    ...by,
    kind: 'xml-batch',
    file: { name: place.name, fileset: place.fileset, sha256: hash.digest('hex'), bytes: file.bytes },
    options: { slug: place.slug },
    exclusive,
  });
  if (run) return { id: run.id, isNew: true };
  const other = await runs.openRun(by.account, exclusive);
  return other && { id: other.id, isNew: false };
}
