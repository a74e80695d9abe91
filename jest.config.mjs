// How the tests run: jest on the output of tsc, as ES modules, so nothing is transformed. Used by `npm test`.

export default {
  roots: ['<rootDir>/dist/src', '<rootDir>/dist/test'],
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  transform: {},
  injectGlobals: false,
  testEnvironment: '<rootDir>/scripts/jest-environment.mjs',
  reporters: ['<rootDir>/scripts/jest-reporter.mjs'],
  // For each test and hook, generous for a busy machine. A test that needs longer sets its own limit.
  testTimeout: 180_000,
  maxWorkers: 2,
  // A worker keeps the modules of every file that it has run; it is replaced when it exceeds this limit.
  workerIdleMemoryLimit: '400MB',
  watchman: false,
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  collectCoverageFrom: ['dist/src/**/*.js'],
  coverageProvider: 'v8',
  coverageDirectory: 'dist/coverage',
};
