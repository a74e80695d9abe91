// Commands of the command line, run in this process: a process of its own for each would take longer than everything else.

import { runCommand } from '../../src/cli/run.ts';
import type { TestDatabase } from './mongod.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs commands over a database, one at a time; `settings` are variables of the configuration. */
export function createCli({ uri, name }: Pick<TestDatabase, 'uri' | 'name'>, settings: Record<string, string> = {}) {
  return async (...words: string[]): Promise<Ran> => {
    const ran = { out: '', err: '' };
    const restore = [
      captured(process.stdout, (text) => (ran.out += text)),
      captured(process.stderr, (text) => (ran.err += text)),
    ];
    const env = { ...process.env };
    Object.assign(process.env, { MONGODB_URI: uri, MONGODB_DATABASE: name, ...settings });
    try {
      await runCommand(words);
      return { code: Number(process.exitCode ?? 0), ...ran };
    } finally {
      for (const each of restore) each();
      for (const key of Object.keys(process.env)) if (!(key in env)) delete process.env[key];
      Object.assign(process.env, env);
      process.exitCode = undefined;
    }
  };
}

/** Takes what is written to a stream until the function that it returns is called. */
function captured(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const write = stream.write.bind(stream);
  stream.write = ((text: string, done?: () => void) => {
    take(String(text));
    done?.();
    return true;
  }) as typeof stream.write;
  return () => {
    stream.write = write;
  };
}
