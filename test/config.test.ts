// The settings: defaults, bounds, what is refused and how it is said, and the README's table.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from '@jest/globals';
import { ConfigError, describeConfig, loadConfig, packageRoot } from '../src/config.ts';
import { replaceTable } from './support/config-table.ts';

describe('loadConfig', () => {
  test('needs nothing', () => {
    const config = loadConfig({});
    assert.equal(config.port, 3000);
    assert.equal(config.publicUrl, 'http://localhost:3000');
    assert.equal(config.dataDir, join(packageRoot, 'data'));
    assert.equal(config.bootstrapToken, undefined);
    assert.equal(config.mongodbUri, undefined);
    assert.ok(Object.isFrozen(config));
  });

  test('an empty variable counts as not set', () => {
    assert.deepEqual(
      loadConfig({ PORT: '', BOOTSTRAP_TOKEN: ' ', MONGODB_URI: '', HOME: '/h' }),
      loadConfig({ HOME: '/h' }),
    );
  });

  test('paths and addresses', () => {
    assert.equal(loadConfig({ PORT: '8080' }).publicUrl, 'http://localhost:8080');
    assert.equal(loadConfig({ PUBLIC_URL: 'https://scim.example.com/x/' }).publicUrl, 'https://scim.example.com/x');
    assert.equal(loadConfig({ DATA_DIR: 'elsewhere' }).dataDir, resolve('elsewhere'));
    assert.equal(loadConfig({ XDG_CACHE_HOME: '/c' }).mongodCacheDir, '/c/mobietrain-provisioning');
    assert.equal(loadConfig({ XDG_CACHE_HOME: 'c', HOME: '/h' }).mongodCacheDir, '/h/.cache/mobietrain-provisioning');
    assert.equal(loadConfig({ MONGOD_CACHE_DIR: '/m', XDG_CACHE_HOME: '/c' }).mongodCacheDir, '/m');
  });

  test('trusted proxies are none, a number, or addresses and networks', () => {
    assert.equal(loadConfig({}).trustedProxies, 0);
    assert.equal(loadConfig({ TRUSTED_PROXIES: '2' }).trustedProxies, 2);
    assert.deepEqual(loadConfig({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies, ['10.0.0.0/8', '::1']);
  });

  const refused = [
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['PORT', '3000.5'],
    ['PORT', 'http'],
    ['PUBLIC_URL', 'localhost:3000'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['PUBLIC_URL', 'https://example.com/?a=b'],
    ['TRUSTED_PROXIES', 'nginx'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '-1'],
    ['MONGODB_URI', 'localhost:27017'],
    ['MONGODB_DATABASE', 'a.b'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'prod'],
    ['MONGO_TIMEOUT_MS', '499'],
    ['MONGOD_CACHE_GB', '0.1'],
    ['BOOTSTRAP_TOKEN', 'a'.repeat(31)],
    ['BOOTSTRAP_TOKEN', `${'a'.repeat(32)} b`],
  ] as const;
  for (const [name, value] of refused) {
    test(`${name}=${value} is refused by its name`, () => {
      assert.throws(
        () => loadConfig({ [name]: value }),
        (error: Error) => {
          assert.ok(error instanceof ConfigError);
          assert.equal(error.message.split('\n').length, 2);
          assert.match(error.message, new RegExp(`\\n  ${name} must be `));
          return true;
        },
      );
    });
  }

  test('every bad variable has its line, and no secret is repeated', () => {
    const token = 'short-and-secret';
    assert.throws(
      () => loadConfig({ PORT: 'x', BOOTSTRAP_TOKEN: token, LOG_LEVEL: 'x' }),
      (error: Error) => {
        assert.equal(error.message.split('\n').length, 4);
        assert.ok(!error.message.includes(token));
        return true;
      },
    );
  });

  test('a page is by default no larger than allowed', () => {
    assert.throws(() => loadConfig({ PAGE_SIZE_MAX: '50' }), /PAGE_SIZE_DEFAULT/);
    assert.throws(() => loadConfig({ TOMBSTONE_RETENTION_DAYS: '700' }), /TOMBSTONE_RETENTION_DAYS .*730/);
  });
});

test('the table in README.md is up to date (npm run docs:config)', () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  assert.equal(readme, replaceTable(readme, describeConfig()));
});
