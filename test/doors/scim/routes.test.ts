// Which paths are endpoints, and which methods they have.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { matchRoute, methodsOf } from '../../../src/doors/scim/routes.ts';

const cases: [string, string][] = [
  ['/Users', 'collection'],
  ['/Users/', 'collection'],
  ['/Groups', 'collection'],
  ['/Stores', 'collection'],
  ['/OrgUnits', 'collection'],
  ['/orgunits/abc', 'resource'],
  ['/stores/.search', 'search'],
  ['/Users/abc', 'resource'],
  ['/Users/abc/', 'resource'],
  ['/Users/a%20b', 'resource'],
  ['/Users/..', 'resource'],
  ['/Users/.search', 'search'],
  ['/.search', 'search'],
  ['/Bulk', 'bulk'],
  ['/Me', 'me'],
  ['/Me/x/y', 'me'],
  ['/ServiceProviderConfig', 'serviceProviderConfig'],
  ['/Schemas', 'schemas'],
  ['/Schemas/urn:ietf:params:scim:schemas:core:2.0:User', 'schemas'],
  ['/ResourceTypes/User', 'resourceTypes'],
  ['', 'unknown'],
  ['/', 'unknown'],
  ['//', 'unknown'],
  ['//Users', 'collection'],
  ['/Users//', 'collection'],
  ['/users', 'collection'],
  ['/GROUPS/', 'collection'],
  ['/uSERS/ABC', 'resource'],
  ['/groups/.SEARCH', 'search'],
  ['/.Search', 'search'],
  ['/bulk', 'bulk'],
  ['/me', 'me'],
  ['/serviceproviderconfig', 'serviceProviderConfig'],
  ['/RESOURCETYPES/user', 'resourceTypes'],
  ['/schemas', 'schemas'],
  ['/user', 'unknown'],
  ['/%55sers', 'unknown'],
  ['/Users/a/b', 'unknown'],
  ['/Users/a/b/c/d/e', 'unknown'],
  ['/Bulk/x', 'unknown'],
  ['/constructor', 'unknown'],
  ['/__proto__/x', 'unknown'],
  [`/Users/${'x'.repeat(256)}`, 'unknown'],
  ['/Users/%zz', 'malformed'],
  ['/Users/%c3%28', 'malformed'],
];

describe('routes', () => {
  for (const [path, kind] of cases) {
    test(`${path.slice(0, 40)} is ${kind}`, () => {
      const match = matchRoute(path);
      assert.equal(match.ok ? match.route.kind : match.reason, kind);
    });
  }

  test('an id keeps its case', () => {
    const match = matchRoute('/users/AbC');
    assert.deepEqual(match, { ok: true, route: { kind: 'resource', type: 'User', id: 'AbC' } });
  });

  test('an id is decoded once', () => {
    const match = matchRoute('/Users/a%252Fb');
    assert.ok(match.ok && match.route.kind === 'resource');
    assert.equal(match.route.id, 'a%2Fb');
  });

  test('every endpoint but /Me has its methods', () => {
    assert.deepEqual(methodsOf({ kind: 'bulk' }), ['POST']);
    assert.equal(methodsOf({ kind: 'me' }), undefined);
  });
});
