// Owns the server's embedded mongod: a one-member replica set (transactions need one) with its data in DATA_DIR, shared by the
// processes that use that folder. MongoMemoryReplSet is not used because it cannot adopt a running mongod, start it in its own
// process group, or move the replica set to another port.

import { mkdir, open, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Access, openAccess, uriOf } from './access.ts';
import { findMongod, type OnProgress } from './binary.ts';
import {
  endMongod,
  findRunningMongod,
  freePort,
  isAlive,
  isFree,
  isOurMongod,
  isProtected,
  launchMongod,
  REPLICA_SET,
  untilPrimary,
} from './process.ts';

/** The options of `startEmbedded`. */
export interface EmbeddedOptions {
  /** The folder for the data, the log and the state between starts; created if missing. */
  dataDir: string;
  /** The mongod to run; if absent, one is searched for. */
  binary?: string | undefined;
  /** Where a downloaded mongod is stored. */
  cacheDir: string;
  /** The cache size of mongod in GB, at least 0.25. */
  cacheGb?: number;
  /** Restarts mongod if it ends unexpectedly. For the server, not for commands. */
  supervise?: boolean;
  /** Ends the start: a download, a wait for another process, or for mongod to recover its data. */
  signal?: AbortSignal | undefined;
  onProgress: OnProgress;
}

/** A running embedded mongod. */
export interface EmbeddedMongod {
  /** Contains the password of this mongod. */
  uri: string;
  /** False if another process was already using this mongod; `stop` then leaves it running. */
  owned: boolean;
  /** The process id of mongod, which changes after a restart. */
  pid(): number;
  /** Stops using mongod; the last process to do so ends it cleanly. Safe to call twice. */
  stop(): Promise<void>;
}

interface Remembered {
  port: number;
  /** The mongod that last opened this data; absent if none has. */
  binary?: string;
}

const LOCK_MS = 900_000;
const ADOPT_MS = 60_000;
const WATCH_MS = 150;
const RESTART_PAUSE_MS_MAX = 10_000;

/**
 * Starts the mongod of a data folder or joins the one that is already running there, which a killed server may have left behind.
 * Returns once it accepts writes: after about a second, or longer if a mongod has to be downloaded or recovers from a crash.
 * @throws Error with a message that says what to do, if no mongod is available, its port is taken or it cannot open the data; the
 * signal's reason if it aborts the start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedMongod> {
  await mkdir(join(options.dataDir, 'mongod'), { recursive: true, mode: 0o700 });
  const folder = new DataFolder(await realpath(options.dataDir));
  const cacheGb = options.cacheGb ?? 0.5;
  return await folder.locked(options, async () => {
    const others = await folder.join();
    try {
      const running = await bringUp(folder, { ...options, cacheGb });
      return use(folder, { ...options, cacheGb }, running, others === 0);
    } catch (error) {
      if ((await folder.leave()) === 0 && options.signal?.aborted) await folder.endMongod();
      throw error;
    }
  });
}

interface Running {
  pid: number;
  port: number;
  access: Access;
}

type BringUpOptions = EmbeddedOptions & { cacheGb: number; fixedPort?: number };

/** Joins the mongod that runs on the folder, or launches one. The caller holds the folder's lock. */
async function bringUp(folder: DataFolder, options: BringUpOptions): Promise<Running> {
  const remembered = await folder.remembered();
  const access = await openAccess(folder.keyPath);
  await folder.endUnprotected();
  const pid = await findRunningMongod(folder.dbPath);
  if (pid !== undefined && remembered !== undefined) {
    const running = { pid, port: remembered.port, access };
    if (await adopt(running, folder, options)) return running;
  }
  const binary = await findMongod({
    configured: options.binary,
    remembered: remembered?.binary,
    cacheDir: options.cacheDir,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const port = options.fixedPort ?? (await choosePort(remembered?.port, options.onProgress));
  const former = remembered?.binary === undefined ? {} : { binary: remembered.binary };
  await folder.remember({ port, ...former });
  const { dbPath, logPath } = folder;
  const { cacheGb, signal } = options;
  const launched = await launchMongod({ binary, dbPath, logPath, port, access, cacheGb, signal });
  await untilPrimary({ pid: launched, port, access, logPath }, options);
  // Only now: a mongod that cannot open the data must not be tried again at the next start.
  await folder.remember({ port, binary });
  return { pid: launched, port, access };
}

async function adopt({ pid, port, access }: Running, folder: DataFolder, options: BringUpOptions): Promise<boolean> {
  const deadline = Date.now() + ADOPT_MS;
  // It may still be recovering, so wait while it runs but does not answer.
  while ((await findRunningMongod(folder.dbPath)) === pid) {
    if (await isOurMongod(port, folder.dbPath, access)) {
      await untilPrimary({ pid, port, access, logPath: folder.logPath }, options);
      return true;
    }
    options.signal?.throwIfAborted();
    if (Date.now() > deadline) {
      throw new Error(
        `A mongod (process ${pid}) uses ${folder.dbPath} but does not respond on port ${port}. End that process.`,
      );
    }
    await sleep(200);
  }
  return false;
}

async function choosePort(remembered: number | undefined, onProgress: OnProgress): Promise<number> {
  if (remembered === undefined) return await freePort();
  if (await isFree(remembered)) return remembered;
  const port = await freePort();
  onProgress(`Port ${remembered} of mongod is taken by another program: moving to port ${port}`);
  return port;
}

/** The caller's handle on a running mongod: its address, its supervision, and how to stop using it. */
function use(folder: DataFolder, options: BringUpOptions, running: Running, owned: boolean): EmbeddedMongod {
  let { pid } = running;
  const watching = new AbortController();
  const restart = async (): Promise<void> => {
    options.onProgress('mongod ended unexpectedly: restarting it');
    pid = await folder.locked({ onProgress: options.onProgress }, async () => {
      if (watching.signal.aborted) return pid;
      return (await bringUp(folder, { ...options, signal: undefined, fixedPort: running.port })).pid;
    });
    options.onProgress('mongod is running again');
  };
  const watch = options.supervise
    ? supervise(() => pid, restart, watching.signal, options.onProgress)
    : Promise.resolve();
  const leave = async (): Promise<void> => {
    watching.abort();
    await watch;
    await folder.locked({ onProgress: options.onProgress }, async () => {
      if ((await folder.leave()) === 0) await folder.endMongod();
    });
  };
  let leaving: Promise<void> | undefined;
  return {
    uri: uriOf(running.port, REPLICA_SET, running.access),
    owned,
    pid: () => pid,
    stop: () => {
      leaving ??= leave();
      return leaving;
    },
  };
}

async function supervise(
  pid: () => number,
  restart: () => Promise<void>,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<void> {
  let pauseMs = WATCH_MS;
  while (!signal.aborted) {
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted || (await isAlive(pid()))) continue;
    try {
      await restart();
      pauseMs = WATCH_MS;
    } catch (error) {
      onProgress(`mongod could not be restarted: ${error instanceof Error ? error.message : String(error)}`);
      pauseMs = Math.min(RESTART_PAUSE_MS_MAX, pauseMs * 2);
    }
  }
}

/** How a wait for another process reports, and is ended. */
type Waiting = Pick<EmbeddedOptions, 'onProgress' | 'signal'>;

/** The files in DATA_DIR next to the database: `mongod.json`, `mongod.key`, `mongod.log`, `mongod.starting`, and one file for each process that uses it. */
class DataFolder {
  readonly dbPath: string;
  readonly logPath: string;
  readonly keyPath: string;
  readonly #memory: string;
  readonly #lock: string;
  readonly #users: string;

  constructor(dataDir: string) {
    this.dbPath = join(dataDir, 'mongod');
    this.logPath = join(dataDir, 'mongod.log');
    this.keyPath = join(dataDir, 'mongod.key');
    this.#memory = join(dataDir, 'mongod.json');
    this.#lock = join(dataDir, 'mongod.starting');
    this.#users = join(dataDir, 'mongod.users');
  }

  async remembered(): Promise<Remembered | undefined> {
    try {
      const { port, binary } = JSON.parse(await readFile(this.#memory, 'utf8')) as Partial<Remembered>;
      if (typeof port !== 'number') return undefined;
      return typeof binary === 'string' ? { port, binary } : { port };
    } catch {
      return undefined;
    }
  }

  async remember(state: Remembered): Promise<void> {
    await writeFile(this.#memory, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  }

  /** Registers this process as a user of the mongod; returns the number of others. */
  async join(): Promise<number> {
    await mkdir(this.#users, { recursive: true, mode: 0o700 });
    await writeFile(join(this.#users, String(process.pid)), await startTime(process.pid));
    return await this.#others();
  }

  /** Unregisters this process; returns the number of others left. */
  async leave(): Promise<number> {
    await rm(join(this.#users, String(process.pid)), { force: true });
    return await this.#others();
  }

  async #others(): Promise<number> {
    let others = 0;
    for (const name of await readdir(this.#users)) {
      const pid = Number(name);
      if (pid === process.pid) continue;
      const started = await readFile(join(this.#users, name), 'utf8').catch(() => '');
      // A killed process leaves its file behind, and its pid may have been reused since.
      if ((await isAlive(pid)) && started === (await startTime(pid))) others += 1;
      else await rm(join(this.#users, name), { force: true });
    }
    return others;
  }

  /** Ends the mongod that runs on this folder, if one does. The caller holds the lock. */
  async endMongod(): Promise<void> {
    const pid = await findRunningMongod(this.dbPath);
    if (pid !== undefined) await endMongod(pid);
  }

  /**
   * Ends a mongod that asks for no password, which an earlier version of the server left behind. The caller holds the lock.
   * @throws Error if another process uses it
   */
  async endUnprotected(): Promise<void> {
    const pid = await findRunningMongod(this.dbPath);
    if (pid === undefined || (await isProtected(pid))) return;
    if ((await this.#others()) > 0)
      throw new Error(
        `An earlier version of the server is running on ${this.dbPath}. Stop it, and start this one again.`,
      );
    await endMongod(pid);
  }

  /** Runs `work` while no other process starts or stops the mongod of this folder. */
  async locked<T>(waiting: Waiting, work: () => Promise<T>): Promise<T> {
    await this.#takeLock(waiting);
    try {
      return await work();
    } finally {
      await rm(this.#lock, { force: true });
    }
  }

  async #takeLock({ onProgress, signal }: Waiting): Promise<void> {
    const deadline = Date.now() + LOCK_MS;
    let isReported = false;
    while (!(await createWith(this.#lock, `${process.pid} ${await startTime(process.pid)}`))) {
      if (await this.#isLockStale()) {
        await rm(this.#lock, { force: true });
        continue;
      }
      if (Date.now() > deadline)
        throw new Error(
          `Another process holds the lock ${this.#lock}. If no such process is running, remove the file.`,
        );
      if (!isReported) onProgress('Another process is starting or stopping mongod: waiting for it');
      isReported = true;
      signal?.throwIfAborted();
      await sleep(100);
    }
  }

  async #isLockStale(): Promise<boolean> {
    const [pid = '', started = ''] = (await readFile(this.#lock, 'utf8').catch(() => '')).split(' ');
    if (pid === '') {
      // Either just created and not yet written, or left incomplete by a crash of the machine.
      const made = await stat(this.#lock).catch(() => undefined);
      return made !== undefined && Date.now() - made.mtimeMs > 5000;
    }
    return !(await isAlive(Number(pid))) || started !== (await startTime(Number(pid)));
  }
}

async function createWith(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The start time of a process in clock ticks since boot; empty if the system does not provide it. Detects a reused pid. */
async function startTime(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
