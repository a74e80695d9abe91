// Watches what comes into the filesets, and makes a run of every file that is complete. Several instances may watch one root: the store
// of runs allows one unfinished run a file.

import { createHash } from 'node:crypto';
import { createBackgroundLoop } from '../../../background-loop.ts';
import type { RunStore } from '../../../runs/store.ts';
import type { FindSource } from '../batch/directory.ts';
import type { BatchFiles, BatchLocation, IncomingFile } from './files.ts';

export interface IncomingWatchOptions {
  files: BatchFiles;
  runs: Pick<RunStore, 'createExclusive' | 'openRun'>;
  source: FindSource;
  /** Milliseconds without a change after which a file counts as complete. */
  settleMs: number;
  /** Milliseconds between two looks. */
  pollMs: number;
  /** Called when there is a new run to work on. */
  onRun: () => void;
  onError: (error: unknown) => void;
}

export interface IncomingWatch {
  start(): void;
  /** Looks once at all folders. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** The next run of a file that has not changed is made after this: a file that stays in place has met an error of the server. */
const REPEAT_MS = 60_000;

/** A file as the last look saw it. */
interface Sighting {
  bytes: number;
  changed: number;
  /** Looks that saw it like this. */
  looks: number;
  /** When it was first seen like this, by this process's monotonic clock. */
  since: number;
  takenAt?: number;
}

/** Makes the watch; nothing is looked at before `start()` or `look()`. */
export function createIncomingWatch(options: IncomingWatchOptions): IncomingWatch {
  const { files, settleMs, pollMs, onError, onRun } = options;
  let sightings = new Map<string, Sighting>();

  async function lookAt(slug: string, before: ReadonlyMap<string, Sighting>, signal?: AbortSignal): Promise<void> {
    for (const file of await files.incoming(slug)) {
      if (signal?.aborted) return;
      const key = JSON.stringify([slug, file.fileset, file.name]);
      const sighting = seenAgain(before.get(key), file);
      sightings.set(key, sighting);
      if (isComplete(sighting, settleMs) && (await take(file))) sighting.takenAt = performance.now();
    }
  }

  async function take(file: IncomingFile): Promise<boolean> {
    const source = await options.source(file.slug);
    if (!source) return false;
    const run = await runOfFile(options, file, {
      account: source.account.id,
      connection: source.connection.id,
      requestedBy: `incoming/${file.fileset}`,
    });
    if (run?.isNew) onRun();
    return run !== undefined;
  }

  async function look(signal?: AbortSignal): Promise<void> {
    const before = sightings;
    sightings = new Map();
    for (const slug of await files.slugs()) {
      // A problem in one account's folder does not keep other accounts' files waiting.
      await lookAt(slug, before, signal).catch(onError);
    }
  }

  async function round(signal: AbortSignal): Promise<boolean> {
    await look(signal);
    return false;
  }

  const { start, stop } = createBackgroundLoop({ round, pauseMs: pollMs, onError });
  return { start, look: () => look(), stop };
}

/**
 * Whether a file is complete: it did not change between two scans, nor for `settleMs` by the clock of the file system or of this
 * process.
 */
function isComplete({ changed, looks, since, takenAt }: Sighting, settleMs: number): boolean {
  const now = performance.now();
  if (takenAt !== undefined && now - takenAt < REPEAT_MS) return false;
  return looks > 1 && (now - since >= settleMs || Date.now() - changed >= settleMs);
}

function seenAgain(before: Sighting | undefined, { bytes, changed }: IncomingFile): Sighting {
  if (before?.bytes === bytes && before.changed === changed.getTime()) return { ...before, looks: before.looks + 1 };
  return { bytes, changed: changed.getTime(), looks: 1, since: performance.now() };
}

/** The key of a file that only one unfinished run may work on at a time. */
export function exclusiveOf({ fileset, name }: Pick<BatchLocation, 'fileset' | 'name'>): string {
  return `${fileset}/${name}`;
}

/**
 * The run of a file that came in: a new one, or the unfinished one; undefined if the file is gone.
 * @throws StoreUnavailable
 */
export async function runOfFile(
  { files, runs }: { files: Pick<BatchFiles, 'open'>; runs: Pick<RunStore, 'createExclusive' | 'openRun'> },
  location: BatchLocation,
  by: { account: string; connection: string; requestedBy: string },
): Promise<{ id: string; isNew: boolean } | undefined> {
  const exclusive = exclusiveOf(location);
  const open = await runs.openRun(by.account, exclusive);
  if (open) return { id: open.id, isNew: false };
  const file = await files.open(location);
  if (!file) return undefined;
  const hash = createHash('sha256');
  try {
    for await (const piece of file.pieces()) hash.update(piece);
  } finally {
    await file.close();
  }
  // Another instance may have finished the file in the meantime: then it is no longer there.
  const stillThere = await files.open(location);
  if (!stillThere) return undefined;
  await stillThere.close();
  const run = await runs.createExclusive({
    ...by,
    kind: 'xml-batch',
    file: { name: location.name, fileset: location.fileset, sha256: hash.digest('hex'), bytes: file.bytes },
    options: { slug: location.slug },
    exclusive,
  });
  if (run) return { id: run.id, isNew: true };
  const other = await runs.openRun(by.account, exclusive);
  return other && { id: other.id, isNew: false };
}
