// The servers of the speed bench, each in its own process, and their processor time and memory from proc(5).

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Burst, BurstResult } from './speed-load.ts';

/** One server under test. */
export interface Target {
  name: string;
  /** `twice`: this server in two processes on one port. */
  kind: 'bare' | 'lean' | 'ours' | 'twice' | 'stock';
  /** The number of people stored before the first burst. */
  stored: number;
  port: number;
  child: ChildProcess;
  ids: string[];
}

const TICKS_PER_SECOND = 100;
/** The lean server fills its database before it listens. */
const START_MS_MAX = 180_000;
const HERE = fileURLToPath(new URL('.', import.meta.url));

function launch(script: string, args: string[], env: Record<string, string>, flags: string[]): ChildProcess {
  const child = spawn(process.execPath, [...flags, script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return child;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  child.stdout?.resume();
  for (const end = Date.now() + START_MS_MAX; Date.now() < end; ) {
    if (child.exitCode !== null) throw new Error(`A server ended with ${child.exitCode}`);
    const status = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => response.status),
      () => 0,
    );
    // Any response other than "not ready" comes from a server that serves requests.
    if (status !== 0 && status !== 503) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('A server did not start');
}

/** Starts the bare server. */
export async function startBare(port: number, uri: string, database: string, account: string): Promise<ChildProcess> {
  const child = launch(`${HERE}speed-bare.js`, [String(port), uri, database, account], {}, []);
  await untilReady(child, `http://127.0.0.1:${port}/`);
  return child;
}

/** Starts this server as in production, in the given number of processes, with `flags` for Node. */
export async function startOurs(
  port: number,
  uri: string,
  database: string,
  token: string,
  { flags = [], processes = 1 }: { flags?: string[]; processes?: number } = {},
): Promise<ChildProcess> {
  const env = {
    WEB_CONCURRENCY: String(processes),
    PORT: String(port),
    HOST: '127.0.0.1',
    MONGODB_URI: uri,
    MONGODB_DATABASE: database,
    BOOTSTRAP_TOKEN: token,
    NODE_ENV: 'production',
  };
  const child = launch(`${HERE}../src/main.js`, [], env, flags);
  await untilReady(child, `http://127.0.0.1:${port}/readyz`);
  return child;
}

/** Starts the stock server with this many people in memory; returns it with their ids. */
export async function startStock(port: number, stored: number): Promise<{ child: ChildProcess; ids: string[] }> {
  return withIds(port, launch(`${HERE}speed-scimmy.js`, [String(port), String(stored)], {}, []));
}

/** Starts the lean server with this many people in its own database; returns it with their ids. */
export async function startLean(
  port: number,
  uri: string,
  database: string,
  stored: number,
): Promise<{ child: ChildProcess; ids: string[] }> {
  return withIds(port, launch(`${HERE}speed-lean.js`, [String(port), uri, database, String(stored)], {}, []));
}

async function withIds(port: number, child: ChildProcess): Promise<{ child: ChildProcess; ids: string[] }> {
  const url = `http://127.0.0.1:${port}/ids`;
  await untilReady(child, url);
  return { child, ids: (await (await fetch(url)).json()) as string[] };
}

/** Ends a process that this bench has started, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** The processor time that a process and its children have used so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), own);
}

/** The current and peak memory in MiB of a process, or of its largest child if that is more. */
export function memoryMib(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  const all = [{ now: read('VmRSS'), peak: read('VmHWM') }, ...childrenOf(pid).map(memoryMib)];
  return { now: Math.max(...all.map(({ now }) => now)), peak: Math.max(...all.map(({ peak }) => peak)) };
}

function childrenOf(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return listed === '' ? [] : listed.split(' ').map(Number);
}

/** Starts the load generator in its own process. */
export function startLoad(): { run(burst: Burst): Promise<BurstResult>; end(): void } {
  const child = fork(`${HERE}speed-load.js`);
  return {
    async run(burst) {
      const answered = once(child, 'message');
      child.send(burst);
      const [result] = (await answered) as [BurstResult];
      return result;
    },
    end: () => void child.kill(),
  };
}
