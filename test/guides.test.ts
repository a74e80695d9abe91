// The guides say what the code says.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from '@jest/globals';
import { loadCatalogue } from '../src/app/catalogue.ts';
import { describeAttributes, describeRemedies } from '../src/app/guides.ts';
import { loadClientMappings } from '../src/app/setup.ts';
import { packageFolder } from './support/package-folder.ts';

const read = (...path: string[]) => readFileSync(packageFolder(...path), 'utf8');

test('docs/attributes.md holds the table as it is in the code (npm run docs:guides)', () => {
  assert.ok(read('docs', 'attributes.md').includes(describeAttributes(loadCatalogue(), loadClientMappings())));
});

test('docs/troubleshooting.md has a section for each code (npm run docs:guides)', () => {
  assert.ok(read('docs', 'troubleshooting.md').includes(describeRemedies()));
});

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

test('links between documents lead somewhere', () => {
  const names = ['README.md', 'ARCHITECTURE.md'];
  for (const name of readdirSync(packageFolder('docs'), { recursive: true }) as string[])
    if (name.endsWith('.md')) names.push(join('docs', name));
  for (const name of names) {
    for (const [, target = ''] of read(name).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? name : join(dirname(name), path);
      const text = path.endsWith('.md') || path === '' ? read(file) : undefined;
      if (text === undefined) assert.ok(existsSync(packageFolder(file)), `${name} links to ${target}`);
      if (anchor === undefined || text === undefined) continue;
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
      assert.ok(anchors.includes(anchor), `${name} links to ${target}, which has no such heading`);
    }
  }
});
