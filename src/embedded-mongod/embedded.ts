// Owns the server's own mongod: a one-member replica set (transactions need one) with its data in DATA_DIR, shared by the
// processes that use that folder. Not MongoMemoryReplSet: that one can't adopt a running mongod, nor start it in a process
// group of its own, nor move the replica set to another port.

import { mkdir, open, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMongod, type OnProgress } from './binary.ts';
import {
  endMongod,
  findRunningMongod,
  freePort,
  isAlive,
  isFree,
  isOurMongod,
  launchMongod,
  REPLICA_SET,
  untilPrimary,
} from './process.ts';

export interface EmbeddedOptions {
  /** The folder for the data, the log and what has to be remembered; made if missing. */
  dataDir: string;
  /** The mongod to run, instead of looking for one. */
  binary?: string | undefined;
  /** Where a fetched mongod is kept. */
  cacheDir: string;
  /** mongod's cache, in GB; 0.25 at least. */
  cacheGb?: number;
  /** Start mongod again when it ends by itself. Meant for the server, not for commands. */
  supervise?: boolean;
  onProgress: OnProgress;
}

export interface EmbeddedMongod {
  uri: string;
  /** False where another process uses this mongod already: then `stop` leaves it running. */
  owned: boolean;
  /** The process id of mongod; another one after it was started again. */
  pid(): number;
  /** Leaves; the last process that leaves ends mongod cleanly. Safe to call twice. */
  stop(): Promise<void>;
}

interface Remembered {
  port: number;
  binary: string;
}

const LOCK_MS = 900_000;
const ADOPT_MS = 60_000;
const WATCH_MS = 150;
const RESTART_PAUSE_MS_MAX = 10_000;

/**
 * Brings up the mongod of a data folder, or joins the one that runs there already (also one that a killed server left behind),
 * and returns once it accepts writes: after about a second, or after fetching a mongod or recovering from a crash.
 * @throws Error whose message says what to do: no mongod to be had, a port that is taken, data that it can't open.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedMongod> {
  await mkdir(join(options.dataDir, 'mongod'), { recursive: true, mode: 0o700 });
  const folder = new DataFolder(await realpath(options.dataDir));
  const cacheGb = options.cacheGb ?? 0.5;
  return await folder.locked(options.onProgress, async () => {
    const others = await folder.join();
    try {
      const running = await bringUp(folder, { ...options, cacheGb });
      return use(folder, { ...options, cacheGb }, running, others === 0);
    } catch (error) {
      await folder.leave();
      throw error;
    }
  });
}

interface Running {
  pid: number;
  port: number;
}

type BringUpOptions = EmbeddedOptions & { cacheGb: number; fixedPort?: number };

/** Under the folder's lock: joins the mongod that runs on the folder, or launches one. */
async function bringUp(folder: DataFolder, options: BringUpOptions): Promise<Running> {
  const remembered = await folder.remembered();
  const pid = await findRunningMongod(folder.dbPath);
  if (pid !== undefined && remembered !== undefined && (await adopt(pid, remembered.port, folder, options))) {
    return { pid, port: remembered.port };
  }
  const binary = await findMongod({
    configured: options.binary,
    remembered: remembered?.binary,
    cacheDir: options.cacheDir,
    onProgress: options.onProgress,
  });
  const port = options.fixedPort ?? (await choosePort(remembered?.port, options.onProgress));
  await folder.remember({ port, binary });
  const { dbPath, logPath } = folder;
  const launched = await launchMongod({ binary, dbPath, logPath, port, cacheGb: options.cacheGb });
  await untilPrimary(launched, port, logPath, options.onProgress);
  return { pid: launched, port };
}

async function adopt(pid: number, port: number, folder: DataFolder, options: BringUpOptions): Promise<boolean> {
  const deadline = Date.now() + ADOPT_MS;
  // It may be recovering still: as long as it runs and doesn't answer, it is worth waiting for.
  while ((await findRunningMongod(folder.dbPath)) === pid) {
    if (await isOurMongod(port, folder.dbPath)) {
      await untilPrimary(pid, port, folder.logPath, options.onProgress);
      return true;
    }
    if (Date.now() > deadline) {
      throw new Error(`A mongod (process ${pid}) holds ${folder.dbPath} and does not answer on port ${port}: end it`);
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

/** What the caller holds: the address, and watching and leaving. */
function use(folder: DataFolder, options: BringUpOptions, running: Running, owned: boolean): EmbeddedMongod {
  let { pid } = running;
  const watching = new AbortController();
  const restart = async (): Promise<void> => {
    options.onProgress('mongod ended unexpectedly: starting it again');
    pid = await folder.locked(options.onProgress, async () => {
      if (watching.signal.aborted) return pid;
      return (await bringUp(folder, { ...options, fixedPort: running.port })).pid;
    });
    options.onProgress('mongod is back');
  };
  const watch = options.supervise
    ? supervise(() => pid, restart, watching.signal, options.onProgress)
    : Promise.resolve();
  const leave = async (): Promise<void> => {
    watching.abort();
    await watch;
    await folder.locked(options.onProgress, async () => {
      if ((await folder.leave()) > 0) return;
      const last = await findRunningMongod(folder.dbPath);
      if (last !== undefined) await endMongod(last);
    });
  };
  let leaving: Promise<void> | undefined;
  return {
    uri: `mongodb://127.0.0.1:${running.port}/?replicaSet=${REPLICA_SET}`,
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
      onProgress(`mongod could not be started again: ${error instanceof Error ? error.message : String(error)}`);
      pauseMs = Math.min(RESTART_PAUSE_MS_MAX, pauseMs * 2);
    }
  }
}

/** The files in DATA_DIR beside the database: `mongod.json`, `mongod.log`, `mongod.starting`, and a file for each user. */
class DataFolder {
  readonly dbPath: string;
  readonly logPath: string;
  readonly #memory: string;
  readonly #lock: string;
  readonly #users: string;

  constructor(dataDir: string) {
    this.dbPath = join(dataDir, 'mongod');
    this.logPath = join(dataDir, 'mongod.log');
    this.#memory = join(dataDir, 'mongod.json');
    this.#lock = join(dataDir, 'mongod.starting');
    this.#users = join(dataDir, 'mongod.users');
  }

  async remembered(): Promise<Remembered | undefined> {
    try {
      const { port, binary } = JSON.parse(await readFile(this.#memory, 'utf8')) as Partial<Remembered>;
      return typeof port === 'number' && typeof binary === 'string' ? { port, binary } : undefined;
    } catch {
      return undefined;
    }
  }

  async remember(what: Remembered): Promise<void> {
    await writeFile(this.#memory, `${JSON.stringify(what)}\n`, { mode: 0o600 });
  }

  /** Notes that this process uses the mongod; says how many others do. */
  async join(): Promise<number> {
    await mkdir(this.#users, { recursive: true, mode: 0o700 });
    await writeFile(join(this.#users, String(process.pid)), await startMark(process.pid));
    return await this.#others();
  }

  /** Takes the note away; says how many others are left. */
  async leave(): Promise<number> {
    await rm(join(this.#users, String(process.pid)), { force: true });
    return await this.#others();
  }

  async #others(): Promise<number> {
    let others = 0;
    for (const name of await readdir(this.#users)) {
      const pid = Number(name);
      if (pid === process.pid) continue;
      const mark = await readFile(join(this.#users, name), 'utf8').catch(() => '');
      // A process that was killed left its note behind, and its number may have gone to another program since.
      if ((await isAlive(pid)) && mark === (await startMark(pid))) others += 1;
      else await rm(join(this.#users, name), { force: true });
    }
    return others;
  }

  /** Runs `work` while no other process starts or ends the mongod of this folder. */
  async locked<T>(onProgress: OnProgress, work: () => Promise<T>): Promise<T> {
    await this.#takeLock(onProgress);
    try {
      return await work();
    } finally {
      await rm(this.#lock, { force: true });
    }
  }

  async #takeLock(onProgress: OnProgress): Promise<void> {
    const deadline = Date.now() + LOCK_MS;
    let said = false;
    while (!(await createWith(this.#lock, `${process.pid} ${await startMark(process.pid)}`))) {
      if (await this.#lockIsLeftBehind()) {
        await rm(this.#lock, { force: true });
        continue;
      }
      if (Date.now() > deadline) throw new Error(`Another process holds ${this.#lock}; remove it if that is not so`);
      if (!said) onProgress('Another process is starting or ending mongod: waiting for it');
      said = true;
      await sleep(100);
    }
  }

  async #lockIsLeftBehind(): Promise<boolean> {
    const [pid = '', mark = ''] = (await readFile(this.#lock, 'utf8').catch(() => '')).split(' ');
    if (pid === '') {
      // Made just now and not yet written, or written half when the machine went down.
      const made = await stat(this.#lock).catch(() => undefined);
      return made !== undefined && Date.now() - made.mtimeMs > 5000;
    }
    return !(await isAlive(Number(pid))) || mark !== (await startMark(Number(pid)));
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

/** When a process began, as the system counts; empty where the system doesn't say. Tells a number's new owner from its old. */
async function startMark(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
