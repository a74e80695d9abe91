// `npm run lock`, after every `npm install`: some tools come as one package for each platform, and an install through a registry
// that does not carry them all leaves the missing ones out of package-lock.json, which `npm ci` then refuses everywhere. This adds
// their entries: version from the tool that asks for them, platform from their name. npm fetches only those that fit its machine.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const platform = platformOf(name);
    if (Object.keys(lock.packages).some((known) => known.endsWith(path)) || platform === undefined) continue;
    lock.packages[path] = { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...platform };
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'package-lock.json is complete.' : `Added to package-lock.json: ${added.join(', ')}`);

/** `@scope/binding-linux-arm64-musl` → Linux, arm64, musl; undefined if the name does not say. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const find = (...known) => known.find((each) => words.includes(each));
  const os = find('aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32');
  const cpu = find('arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64');
  if (os === undefined || cpu === undefined) return undefined;
  if (os !== 'linux') return { os: [os], cpu: [cpu] };
  if (find('musl', 'musleabihf')) return { os: [os], cpu: [cpu], libc: ['musl'] };
  if (find('gnu', 'gnueabihf')) return { os: [os], cpu: [cpu], libc: ['glibc'] };
  return { os: [os], cpu: [cpu] };
}
