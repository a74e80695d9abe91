// Builds the console into dist/console: hashed files, split by page, with all that the first page needs in one file.

import { join } from 'node:path';
import { build, defineConfig } from 'vite';

const own = (name) => join(import.meta.dirname, 'src', name);

const base = {
  configFile: false,
  root: import.meta.dirname,
  base: '/console/',
  resolve: {
    alias: [
      { find: 'diacritic', replacement: own('plain-letters.ts') },
      { find: /^jsonexport\/.*$/, replacement: own('no-export.ts') },
    ],
  },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 1200,
    // A file as a data URL would need a policy of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

/**
 * The modules of the first page. By itself, the bundler makes a file for each set of pages that share modules: some twenty small ones for the
 * first page, which compress a tenth worse than one.
 */
async function modulesOfFirstPage() {
  const { output } = await build({ ...base, logLevel: 'error', build: { ...base.build, write: false } });
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const found = new Set();
  const waiting = [...chunks.values()].filter(({ isEntry }) => isEntry);
  const seen = new Set(waiting);
  for (const { moduleIds, imports } of waiting) {
    for (const id of moduleIds) found.add(id);
    for (const name of imports) {
      const chunk = chunks.get(name);
      if (chunk && !seen.has(chunk)) {
        seen.add(chunk);
        waiting.push(chunk);
      }
    }
  }
  return found;
}

export default defineConfig(async () => {
  const first = await modulesOfFirstPage();
  const groups = [{ name: 'first', test: (id) => first.has(id) }];
  const output = { advancedChunks: { groups } };
  return { ...base, build: { ...base.build, rolldownOptions: { output } } };
});
