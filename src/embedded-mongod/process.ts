// Owns one mongod process on one data folder: starting it, finding one that is already running, making its one-member replica
// set ready for writes, ending it.

import { execFile, spawn } from 'node:child_process';
import { open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Document, MongoServerError } from 'mongodb';
import { type Access, type Command, ensureUser, withAdmin } from './access.ts';
import type { OnProgress } from './binary.ts';

/** The name of the replica set. */
export const REPLICA_SET = 'rs0';

const READY_MS = 300_000;
const STOP_MS = 10_000;
const LOG_TAIL_BYTES = 64 * 1024;
const LOG_BYTES_MAX = 16 * 1024 * 1024;
/** Below the range of ephemeral ports, so that outgoing connections do not take the remembered port. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

const KEY_FILE = '--keyFile';

/** The options of a mongod process. */
export interface MongodLaunch {
  binary: string;
  /** The folder of the database files; must exist. */
  dbPath: string;
  logPath: string;
  port: number;
  access: Access;
  cacheGb: number;
  /** Ends a mongod that has not listened yet. */
  signal?: AbortSignal | undefined;
}

/**
 * Starts mongod in its own process group, so that a Ctrl-C for the server does not end it before the server has drained, and
 * so that it survives a killed server (the next start adopts it).
 * @throws Error with mongod's own messages if it ends immediately.
 */
export async function launchMongod(launch: MongodLaunch): Promise<number> {
  await limitLog(launch.logPath);
  const child = spawn(launch.binary, mongodArguments(launch), { detached: true, stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      lastErrors(launch.logPath)
        .then((words) => reject(new Error(`mongod ended with ${code ?? signal}: ${words}`)))
        .catch(reject);
    });
  });
  // mongod may also end long after this function has returned; nothing handles that rejection.
  failed.catch(() => undefined);
  child.unref();
  const waiting = new AbortController();
  const end = () => child.kill('SIGTERM');
  launch.signal?.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([failed, untilListening(launch.port, waiting.signal)]);
  } finally {
    waiting.abort();
    launch.signal?.removeEventListener('abort', end);
  }
  if (child.pid === undefined) throw new Error('mongod has no process id');
  return child.pid;
}

function mongodArguments({ dbPath, logPath, port, access, cacheGb }: MongodLaunch): string[] {
  const options: string[] = ['--replSet', REPLICA_SET, '--storageEngine', 'wiredTiger', '--dbpath', dbPath];
  options.push('--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket', '--noscripting');
  options.push(KEY_FILE, access.keyFile);
  options.push('--wiredTigerCacheSizeGB', String(cacheGb), '--logpath', logPath, '--logappend', '--quiet');
  // By default mongod keeps up to 200 MB of diagnostics and waits for other members before it shuts down.
  options.push('--setParameter', 'diagnosticDataCollectionEnabled=false');
  options.push('--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100');
  return options;
}

async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline && !signal.aborted) {
    await sleep(40);
    if (await listens(port)) return;
  }
  if (signal.aborted) return;
  throw new Error('mongod does not listen on its port');
}

/** The pid of the mongod that runs on this data folder, read from its lock file; undefined if none does. */
export async function findRunningMongod(dbPath: string): Promise<number | undefined> {
  const lock = await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (!Number.isSafeInteger(pid) || pid < 2 || !(await isAlive(pid))) return undefined;
  // After a crash or a reboot, another program may have this pid.
  return (await commandLine(pid)).includes(dbPath) ? pid : undefined;
}

/** Whether this mongod asks for a password. One that an earlier version of the server started does not. */
export async function isProtected(pid: number): Promise<boolean> {
  return (await commandLine(pid)).includes(KEY_FILE);
}

async function commandLine(pid: number): Promise<string[]> {
  const fromKernel = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (fromKernel !== undefined) return fromKernel.split('\0');
  const listed = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return listed?.stdout.trim().split(' ') ?? [];
}

/** Whether the mongod on this port uses this data folder. */
export async function isOurMongod(port: number, dbPath: string, access: Access): Promise<boolean> {
  return await withAdmin(port, access, async (command) => {
    const options = (await command({ getCmdLineOpts: 1 })) as { parsed?: { storage?: { dbPath?: string } } };
    const path = options.parsed?.storage?.dbPath;
    return path !== undefined && (await realpath(path)) === (await realpath(dbPath));
  }).catch(() => false);
}

/** What is waited for: a mongod that was started, on its port. */
export interface StartedMongod {
  pid: number;
  port: number;
  access: Access;
  logPath: string;
}

/**
 * Waits up to 5 minutes until a mongod accepts writes by the user of the server. Initiates the replica set on new data and reconfigures it
 * if the port has changed.
 * @throws Error if the process ends or the time is up; the signal's reason if it aborts.
 */
export async function untilPrimary(
  { pid, port, access, logPath }: StartedMongod,
  { onProgress, signal }: { onProgress: OnProgress; signal?: AbortSignal | undefined },
): Promise<void> {
  const startedAt = Date.now();
  let reportedAt = startedAt;
  while (Date.now() - startedAt < READY_MS) {
    if (await isReady(port, access).catch(() => false)) return;
    signal?.throwIfAborted();
    if (!(await isAlive(pid))) throw new Error(`mongod ended while starting: ${await lastErrors(logPath)}`);
    if (Date.now() - reportedAt >= 2000) {
      reportedAt = Date.now();
      onProgress(`Waiting for mongod to recover its data: ${Math.round((reportedAt - startedAt) / 1000)} s`);
    }
    await sleep(30);
  }
  throw new Error(`mongod accepts no writes after ${READY_MS / 1000} s; see ${logPath}`);
}

async function isReady(port: number, access: Access): Promise<boolean> {
  if (!(await withAdmin(port, access, (command) => isPrimary(port, command)))) return false;
  await ensureUser(port, access);
  return true;
}

async function isPrimary(port: number, command: Command): Promise<boolean> {
  const hello = await command({ hello: 1 });
  if (hello.isWritablePrimary === true) return true;
  const host = `127.0.0.1:${port}`;
  try {
    await command({ replSetGetStatus: 1 });
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === CODE_NOT_YET_INITIALIZED) {
      await command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
    } else if (error.code === CODE_INVALID_CONFIG) {
      // The replica set still has this member's previous address.
      const { config } = (await command({ replSetGetConfig: 1 })) as {
        config: { version: number; members: Document[] };
      };
      const members = [{ ...config.members[0], host }];
      await command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
    }
  }
  return false;
}

const CODE_NOT_YET_INITIALIZED = 94;
const CODE_INVALID_CONFIG = 93;

/** Ends mongod with SIGTERM, and after 10 seconds with SIGKILL; acknowledged writes are not lost. */
export async function endMongod(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (await isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(25);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has already ended.
  }
}

/** Whether a process is running; a zombie is not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status === undefined || !/\) [ZX] /.test(status);
}

/** Whether something listens on this port. Unlike `isFree`, never binds the port itself. */
async function listens(port: number): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether this port of 127.0.0.1 is free to listen on. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error('No free port found for mongod');
}

async function limitLog(logPath: string): Promise<void> {
  const size = await stat(logPath).then(
    (file) => file.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await rename(logPath, `${logPath}.1`);
}

/** The last errors in mongod's log, which has one JSON object per line. */
async function lastErrors(logPath: string): Promise<string> {
  const lines = (await tail(logPath).catch(() => '')).split('\n');
  const errors: string[] = [];
  for (const line of lines) {
    if (!/"s":"[EF]"/.test(line)) continue;
    try {
      const { msg, attr } = JSON.parse(line) as { msg?: string; attr?: { error?: unknown } };
      errors.push(`${msg ?? ''} ${attr?.error === undefined ? '' : JSON.stringify(attr.error)}`.trim().slice(0, 500));
    } catch {
      // The tail may start in the middle of a line.
    }
  }
  return `${errors.slice(-3).join('; ') || 'no reason given'} (see ${logPath})`;
}

async function tail(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOG_TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
