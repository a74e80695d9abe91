// Pastes a script into a shell, as a person does with a command that a document or the server prints.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Pasted {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a script with `sh -e` in a folder. */
export async function paste(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Pasted> {
  const child = spawn('sh', ['-e', '-c', script], { cwd, env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    err += piece.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
