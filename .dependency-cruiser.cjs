// The import arrows of ARCHITECTURE.md. `npm run arrows` checks them; test/arrows.test.ts shows that a violation is caught.
// Circles are oxlint's job: it can tell an import of types, which makes none.

const only = (what, path, except) => ({
  name: `${what}-only-where-it-belongs`,
  severity: 'error',
  from: { path: '^src/', pathNot: except },
  to: { path: `node_modules/(?:${path})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'directory-stands-alone',
      comment: 'The rules know no door, no store, no library that does input or output.',
      severity: 'error',
      from: { path: '^src/directory/' },
      to: {
        path: ['^src/', '^[a-z_/]+$', 'node_modules/'],
        pathNot: [
          '^src/directory/',
          '^(?:crypto|fs|fs/promises|path|timers/promises|url)$',
          'node_modules/(?:uuid|zod|lru-cache|libphonenumber-js|i18n-iso-countries|iso-639-1)/',
        ],
      },
    },
    {
      name: 'directory-reads-only-the-schemas',
      comment: 'The schema catalogue is read from scim-schemas/ when the server starts; no other file is touched.',
      severity: 'error',
      from: { path: '^src/directory/', pathNot: '^src/directory/schema/catalogue[.]ts$' },
      to: { path: '^(?:fs|fs/promises|path|url)$' },
    },
    {
      name: 'mongo-knows-the-directory-only',
      comment:
        'It implements the ports of auth, runs and mail to what they keep, and runs its relay in the background loop.',
      severity: 'error',
      from: { path: '^src/mongo/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/mongo/',
          '^src/directory/',
          '^src/background-loop[.]ts$',
          '^src/auth/(?:(?:administrator|credential|link-secret|setup-link)-store|tokens|provider/provider-store|learners/learner-store)[.]ts$',
          '^src/(?:runs/(?:store|daily-lease)|mail/outbox-store)[.]ts$',
        ],
      },
    },
    {
      name: 'auth-knows-the-directory-only',
      severity: 'error',
      from: { path: '^src/auth/' },
      to: { path: '^src/', pathNot: ['^src/auth/', '^src/directory/'] },
    },
    {
      name: 'a-door-knows-the-directory-only',
      comment:
        'Never the store, never a sibling door; of auth the types of the caller, of runs what a run over a file is and the engine for it.',
      severity: 'error',
      from: { path: '^src/doors/([^/]+)/', pathNot: '^src/doors/[^/]+/router[.]ts$' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/doors/$1/',
          '^src/doors/[^/]+[.]ts$',
          '^src/directory/',
          '^src/(?:log|background-loop)[.]ts$',
          '^src/auth/',
          '^src/runs/',
        ],
      },
    },
    {
      name: 'a-router-mounts-its-door-alone',
      comment: 'It joins a door with the pipeline of src/http/.',
      severity: 'error',
      from: { path: '^src/doors/([^/]+)/router[.]ts$' },
      to: {
        path: '^src/',
        pathNot: ['^src/doors/$1/', '^src/doors/[^/]+[.]ts$', '^src/directory/', '^src/http/', '^src/log[.]ts$'],
      },
    },
    {
      name: 'what-doors-share-knows-the-directory-only',
      severity: 'error',
      from: { path: '^src/doors/[^/]+[.]ts$' },
      to: { path: '^src/', pathNot: ['^src/doors/[^/]+[.]ts$', '^src/directory/'] },
    },
    {
      name: 'the-scim-protocol-knows-no-store-and-no-server',
      severity: 'error',
      from: { path: '^src/doors/scim/protocol/' },
      to: { path: 'node_modules/(?:express|mongodb|helmet)/' },
    },
    {
      name: 'http-runs-and-mail-get-their-work-from-app',
      comment: 'Of doors, http knows the contract.',
      severity: 'error',
      from: { path: '^src/(http|runs|mail)/' },
      to: {
        path: '^src/',
        pathNot: ['^src/$1/', '^src/directory/', '^src/doors/contract[.]ts$', '^src/(?:log|background-loop)[.]ts$'],
      },
    },
    {
      name: 'the-background-loop-knows-only-the-back-off',
      comment: 'Every part may run its work in it, so it knows none of them.',
      severity: 'error',
      from: { path: '^src/background-loop[.]ts$' },
      to: { path: '^src/', pathNot: ['^src/directory/back-off[.]ts$'] },
    },
    {
      name: 'only-entries-use-app',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(?:main|cluster|library)[.]ts$', '^src/cli/', '^src/app/'] },
      to: { path: '^src/app/' },
    },
    only('mongodb', 'mongodb|mongoose', ['^src/mongo/', '^src/embedded-mongod/']),
    only('mongodb-memory-server', 'mongodb-memory-server-core', '^src/embedded-mongod/'),
    only('xml', 'saxes|libxml2-wasm', '^src/doors/xml/'),
    only('oidc-provider', 'oidc-provider', '^src/auth/provider/'),
    only('scimmy', 'scimmy|scimmy-routers', '^src/doors/scim/'),
    only('express', 'express|helmet', ['^src/http/', '^src/doors/[^/]+/[a-z-]*router[.]ts$']),
    { name: 'nothing-that-is-not-declared', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
    {
      name: 'no-development-library',
      comment:
        'Production installs leave development dependencies out. The official download of mongod runs only from a clone, which has them, and is loaded only then.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/embedded-mongod/official-download[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // TypeScript 7 has no parser that can be called; without swc nothing would be read and everything would pass.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
