// How the tests run: jest on what tsc made of them, as ES modules, so nothing is transformed. `npm test` calls it.

export default {
  roots: ['<rootDir>/dist/src', '<rootDir>/dist/test'],
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  transform: {},
  injectGlobals: false,
  testEnvironment: '<rootDir>/scripts/jest-environment.mjs',
  reporters: ['<rootDir>/scripts/jest-reporter.mjs'],
  // Of each test and each hook. Where one needs longer, it says so.
  testTimeout: 120_000,
  maxWorkers: 2,
  // What a file loads stays in its worker after it; a worker that grew beyond this is replaced.
  workerIdleMemoryLimit: '400MB',
  watchman: false,
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  collectCoverageFrom: ['dist/src/**/*.js'],
  coverageProvider: 'v8',
  coverageDirectory: 'dist/coverage',
};
