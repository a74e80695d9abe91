// ARCHITECTURE.md is true: its tables name every folder of the tree and every collection of the database, and nothing else.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { packageRoot } from '../src/config.ts';
import { COLLECTION_NAMES } from '../src/mongo/collections.ts';

const DOCUMENT = readFileSync(join(packageRoot, 'ARCHITECTURE.md'), 'utf8');

/** The names in code spans in the first column of the table that follows a heading of this text. */
function firstColumn(heading: string): string[] {
  const [, section = ''] = DOCUMENT.split(`| ${heading} |`);
  const [table = ''] = section.split('\n\n');
  const cells = table.split('\n').flatMap((row) => row.split('|')[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []));
}

/** Folders below `src/` that a reader has to find: two levels, and a door's parts stay the door's. */
function sourceFolders(): string[] {
  // Spread: a list from Node's core is of another realm.
  const below = (folder: string): string[] =>
    [...readdirSync(join(packageRoot, folder), { withFileTypes: true })]
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${folder}${entry.name}/`);
  return below('src/')
    .flatMap((folder) => [folder, ...below(folder)])
    .filter((folder) => !folder.startsWith('src/cli/users'));
}

test('every folder of the sources is in the table of folders, and each that is named exists', () => {
  const named = firstColumn('folder');
  assert.deepEqual(
    sourceFolders().filter((folder) => !named.includes(folder)),
    [],
  );
  assert.deepEqual(
    named.filter((folder) => !existsSync(join(packageRoot, folder))),
    [],
  );
});

test('the table of collections names those of the registry', () => {
  assert.deepEqual(firstColumn('collection').sort(), [...COLLECTION_NAMES].sort());
});
