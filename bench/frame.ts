// What a bench runs in: a mongod in a folder of its own, and the processes that it starts. All of it ends with the bench, also after
// an interruption.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config.ts';
import { type EmbeddedMongod, startEmbedded } from '../src/embedded-mongod/embedded.ts';

export interface Frame {
  mongod: EmbeddedMongod;
  /** Adds what is done at the end, before mongod stops; the last one first. */
  atEnd(work: () => unknown): void;
  end(): Promise<void>;
}

export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Starts a mongod. @param name a part of the name of its folder */
export async function openFrame(name: string, options: { cacheGb: number; supervise?: boolean }): Promise<Frame> {
  const dataDir = await mkdtemp(join(tmpdir(), `bench-${name}-`));
  const { mongodBinary: binary, mongodCacheDir: cacheDir } = loadConfig();
  const mongod = await startEmbedded({ dataDir, binary, cacheDir, ...options, onProgress: say });
  const works: (() => unknown)[] = [];
  let ending: Promise<void> | undefined;
  const endAll = async (): Promise<void> => {
    for (const work of [...works].reverse()) await work();
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const end = (): Promise<void> => {
    ending ??= endAll();
    return ending;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().then(() => process.exit(130)));
  return { mongod, atEnd: (work) => void works.push(work), end };
}
