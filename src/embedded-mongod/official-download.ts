// A small program of its own: fetches MongoDB's official mongod into the folder that its first argument names, and reports on
// stdout, one JSON object a line. Its own process, because a download that hangs can then be ended from outside.

import type { RequestOptions } from 'node:https';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinaryDownload } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownload.js';

/** What this program prints while it works, and at the end. */
export type OfficialDownloadReport = { received: number; total: number } | { path: string } | { failed: string };

function report(line: OfficialDownloadReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The library's download with what it leaves open: the server's certificate is always checked, and one try is enough. */
class CheckedDownload extends MongoBinaryDownload {
  #reportedAt = 0;

  override httpDownload(url: URL, options: RequestOptions, to: string, partial: string): Promise<string> {
    return super.httpDownload(url, { ...options, rejectUnauthorized: true }, to, partial, 0);
  }

  override printDownloadProgress(chunk: { length: number }): void {
    this.dlProgress.current += chunk.length;
    if (Date.now() - this.#reportedAt < 250) return;
    this.#reportedAt = Date.now();
    report({ received: this.dlProgress.current, total: this.dlProgress.length });
  }
}

async function download(folder: string): Promise<void> {
  const options = await DryMongoBinary.generateOptions({ downloadDir: folder });
  report({ path: await new CheckedDownload({ ...options, checkMD5: true }).getMongodPath() });
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder to download into');
try {
  await download(folder);
} catch (error) {
  report({ failed: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
