// Watches the incoming folders of the filesets and creates a run for every complete file. Several instances can watch one root:
// the store of runs allows one unfinished run per file.

import { createHash } from 'node:crypto';
import { createBackgroundLoop } from '../../../background-loop.ts';
import { FileChanged, type FileState } from '../../../runs/files/guarded-folder.ts';
import type { RunStore } from '../../../runs/store.ts';
import type { FindSource } from '../batch/directory.ts';
import type { BatchFiles, BatchLocation, IncomingFile } from './files.ts';

export interface IncomingWatchOptions {
  files: Pick<BatchFiles, 'slugs' | 'incoming' | 'open'>;
  runs: Pick<RunStore, 'createExclusive' | 'openRun'>;
  source: FindSource;
  /** Milliseconds without a change after which a file counts as complete. */
  settleMs: number;
  /** Milliseconds between two scans. */
  pollMs: number;
  /** Called after a run is created. */
  onRun: () => void;
  onError: (error: unknown) => void;
}

export interface IncomingWatch {
  start(): void;
  /** Scans all folders once. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** Delay before another run of an unchanged file. A file stays in its folder only after an error of the server. */
const REPEAT_MS = 60_000;

/** The state of a file in the last scan. */
interface Sighting {
  id: string;
  bytes: number;
  changed: number;
  /** Number of scans with this state. */
  looks: number;
  /** When this state was first seen, by the monotonic clock of this process. */
  since: number;
  takenAt?: number;
}

/** Makes the watch; nothing is scanned before `start()` or `look()`. */
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
    const by = {
      account: source.account.id,
      connection: source.connection.id,
      requestedBy: `incoming/${file.fileset}`,
    };
    const run = await runOfFile(options, file, by, file);
    if (run?.isNew) onRun();
    return run !== undefined;
  }

  async function look(signal?: AbortSignal): Promise<void> {
    const before = sightings;
    sightings = new Map();
    for (const slug of await files.slugs()) {
      // A problem in one account's folder must not delay other accounts' files.
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

function isSame(one: FileState, other: FileState): boolean {
  return one.id === other.id && one.bytes === other.bytes && one.changed.getTime() === other.changed.getTime();
}

function seenAgain(before: Sighting | undefined, { id, bytes, changed }: IncomingFile): Sighting {
  const isSameFile = before?.id === id && before.bytes === bytes && before.changed === changed.getTime();
  if (isSameFile) return { ...before, looks: before.looks + 1 };
  return { id, bytes, changed: changed.getTime(), looks: 1, since: performance.now() };
}

/** The key that limits a file to one unfinished run. */
export function exclusiveOf({ fileset, name }: Pick<BatchLocation, 'fileset' | 'name'>): string {
  return `${fileset}/${name}`;
}

/**
 * The run of an incoming file: a new one, or the unfinished one; undefined if the file no longer exists, is not the one that was
 * seen, or is still being written.
 * @throws StoreUnavailable, UnsafeName
 */
export async function runOfFile(
  { files, runs }: { files: Pick<BatchFiles, 'open'>; runs: Pick<RunStore, 'createExclusive' | 'openRun'> },
  location: BatchLocation,
  by: { account: string; connection: string; requestedBy: string },
  seen?: FileState,
): Promise<{ id: string; isNew: boolean } | undefined> {
  const exclusive = exclusiveOf(location);
  const open = await runs.openRun(by.account, exclusive);
  if (open) return { id: open.id, isNew: false };
  const file = await files.open(location);
  if (!file) return undefined;
  const hash = createHash('sha256');
  try {
    if (seen && !isSame(seen, file)) return undefined;
    for await (const piece of file.pieces()) hash.update(piece);
  } catch (error) {
    if (error instanceof FileChanged) return undefined;
    throw error;
  } finally {
    await file.close();
  }
  // Another instance may have finished the file in the meantime; then it no longer exists.
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
