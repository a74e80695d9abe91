// `npm run docs:guides`: writes the table of docs/attributes.md and the sections of docs/troubleshooting.md, between their markers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const load = (path) => import(join(root, 'dist/src', path));
const [{ describeAttributes, describeRemedies }, { loadCatalogue }, { loadClientMappings }] = await Promise.all([
  load('app/guides.js'),
  load('app/catalogue.js'),
  load('app/setup.js'),
]);

function write(document, name, content) {
  const file = join(root, 'docs', document);
  const [before, rest] = readFileSync(file, 'utf8').split(`<!-- ${name}:begin -->`);
  const after = rest.split(`<!-- ${name}:end -->`)[1];
  writeFileSync(file, `${before}<!-- ${name}:begin -->\n\n${content}\n\n<!-- ${name}:end -->${after}`);
}

write('attributes.md', 'attributes', describeAttributes(loadCatalogue(), loadClientMappings()));
write('troubleshooting.md', 'remedies', describeRemedies());
