// Builds the console into dist/console, and compresses its files, so that the server need not. Nothing is built if nothing has changed.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { alone, listFiles, root, step } from './prepare.mjs';

const OUTPUT = join(root, 'dist', 'console');
const STAMP = join(root, 'dist', '.console-built-from');
const SOURCES = ['console', 'package-lock.json'];
const COMPRESSED = /[.](?:js|css|html)$/;

/** Builds the console if it is missing or older than its sources. */
export async function prepareConsole() {
  const sources = digest();
  const isBuilt = () => existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources;
  if (isBuilt()) return;
  const release = await alone();
  if (!isBuilt()) await build(sources);
  release();
}

async function build(sources) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(root, 'console', 'vite.config.mjs');
  // Whatever the server is: the libraries of the console are much larger otherwise.
  const env = { NODE_ENV: 'production' };
  await step('Building the console', process.execPath, [vite, 'build', '--config', config, '--logLevel', 'error'], env);
  for (const file of listFiles(OUTPUT).filter((name) => COMPRESSED.test(name))) {
    const content = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
  writeFileSync(STAMP, sources);
}

/** A digest over the content of every source. */
function digest() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((name) => listFiles(join(root, name))).sort())
    hash.update(`${relative(root, file)} `).update(readFileSync(file));
  return hash.digest('hex');
}

if (process.argv[1]?.endsWith('console.mjs')) await prepareConsole();
