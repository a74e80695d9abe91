// The guides say what the code says.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

test('docs/verified-against.md has the number of files and requests that are replayed', () => {
  const text = read('docs', 'verified-against.md');
  const names = readdirSync(packageFolder('assets', 'clients')).filter((name) => name.endsWith('.json'));
  for (const client of ['entra', 'okta']) {
    const exchanges = names
      .filter((name) => name.startsWith(`${client}-`))
      .map((name) => JSON.parse(read('assets', 'clients', name)) as { simulated?: number; steps: unknown[] });
    const requests = exchanges.reduce((sum, { steps }) => sum + steps.length, 0);
    const simulated = exchanges.filter((exchange) => exchange.simulated !== undefined).length;
    assert.ok(text.includes(`${exchanges.length} files with ${requests} requests`), `${client}: ${requests} requests`);
    assert.ok(text.includes(`\`simulate ${client}\` ${simulated} of the files`), `${client}: ${simulated} simulated`);
  }
});

/** Larger ones make a document slow to open. */
const PICTURE_BYTES_MAX = 150_000;

test('each picture is made by a browser test, shown in a document, and small (npm run docs:pictures)', () => {
  const made = [...read('test', 'browser', 'first-look.test.ts').matchAll(/picture\(page, '([^']+)'\)/g)];
  const names = made.map(([, name]) => `${name}.png`).sort();
  assert.deepEqual([...readdirSync(packageFolder('docs', 'images'))].sort(), names);
  const documents = (readdirSync(packageFolder('docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => read('docs', name));
  const text = [read('README.md'), ...documents].join('\n');
  for (const name of names) {
    assert.ok(text.includes(`images/${name})`), `${name} is in no document`);
    assert.ok(statSync(packageFolder('docs', 'images', name)).size < PICTURE_BYTES_MAX, `${name} is too large`);
  }
});
