// A separate program that downloads MongoDB's official mongod into the folder given as its first argument. Its last line on
// stdout is a JSON object; the library's progress lines come before it. It is a separate process so that a download that hangs
// can be ended from outside, and so that the library can be configured through the environment (`DOWNLOAD_ENVIRONMENT`).

import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server-core';

/** The last line that this program prints. */
export type OfficialDownloadReport = { path: string } | { failed: string };

function report(outcome: OfficialDownloadReport): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

async function download(folder: string): Promise<string> {
  const options = await DryMongoBinary.generateOptions({ downloadDir: folder });
  return await MongoBinary.download({ ...options, checkMD5: true });
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('Usage: official-download.js FOLDER');
try {
  report({ path: await download(folder) });
} catch (error) {
  report({ failed: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
