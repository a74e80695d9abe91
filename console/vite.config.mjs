// Builds the console into dist/console: hashed files, split by page.

import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 1200,
    // A file as a data URL would need a policy of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
