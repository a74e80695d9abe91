// Tokens and authentication against a store in memory and a clock of its own (RFC 6750).

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { challenge, createAuthenticator } from '../../src/auth/authenticate.ts';
import type { Credential, CredentialOwner, CredentialStore } from '../../src/auth/credential-store.ts';
import { hashToken, hintOf, mintToken, parseBearer, sameHash } from '../../src/auth/tokens.ts';

function storeOf(...owners: CredentialOwner[]) {
  const calls = { find: 0, touch: 0 };
  const store: CredentialStore = {
    async findByHash(hash) {
      calls.find += 1;
      return owners.find((owner) => owner.credential.hash === hash);
    },
    async touch() {
      calls.touch += 1;
    },
  };
  return { store, calls };
}

function ownerOf(token: string, extra: Partial<Credential> = {}): CredentialOwner {
  return {
    credential: {
      id: `tok_${token.slice(-4)}`,
      account: 'acc_a',
      connection: 'con_a',
      hash: hashToken(token),
      hint: hintOf(token),
      created: new Date(0),
      ...extra,
    },
    account: { id: 'acc_a', slug: 'a', name: 'A', requiredData: 'report', derivedGroups: [] },
    connection: { id: 'con_a', account: 'acc_a', name: 'entra', kind: 'entra' },
  };
}

describe('tokens', () => {
  test('are 256 bits, recognisable, and only their hash is kept', () => {
    const minted = mintToken();
    assert.match(minted.token, /^mbt_[A-Za-z0-9_-]{43}$/);
    assert.match(minted.hash, /^[0-9a-f]{64}$/);
    assert.equal(minted.hash, hashToken(minted.token));
    assert.notEqual(minted.token, mintToken().token);
    assert.ok(minted.hint.length <= 12);
  });

  test('compare by hash, whatever they are', () => {
    assert.ok(sameHash(hashToken('a'), hashToken('a')));
    assert.ok(!sameHash(hashToken('a'), hashToken('b')));
    assert.ok(!sameHash('', ''));
  });

  const long = 'x'.repeat(40);
  const cases: [string | undefined, string][] = [
    [undefined, 'missing'],
    ['', 'missing'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Bearer undefined', 'malformed'],
    ['Bearer null', 'malformed'],
    [`Basic ${long}`, 'malformed'],
    [long, 'malformed'],
    [`Bearer ${long} ${long}`, 'malformed'],
    [`Bearer ${'x'.repeat(513)}`, 'malformed'],
    [`Bearer ${long}\u00e9`, 'malformed'],
    [`Bearer ${long}`, 'token'],
    [`bEARER  ${long}`, 'token'],
  ];
  for (const [header, kind] of cases) {
    test(`a header of ${JSON.stringify(header)?.slice(0, 40)} is ${kind}`, () => {
      assert.equal(parseBearer(header).kind, kind);
    });
  }
});

describe('authentication', () => {
  const token = mintToken().token;
  const header = `Bearer ${token}`;

  test('gives account and connection of the credential', async () => {
    const { store } = storeOf(ownerOf(token));
    const found = await createAuthenticator(store, () => 1_000_000).authenticate(header);
    assert.ok(found.ok);
    assert.equal(found.caller.account.id, 'acc_a');
    assert.equal(found.caller.connection.id, 'con_a');
  });

  test('asks the store once for a hot token, and again within a second', async () => {
    const { store, calls } = storeOf(ownerOf(token));
    let time = 1_000_000;
    const authenticator = createAuthenticator(store, () => time);
    await Promise.all([authenticator.authenticate(header), authenticator.authenticate(header)]);
    await authenticator.authenticate(header);
    assert.equal(calls.find, 1);
    time += 900;
    await authenticator.authenticate(header);
    assert.equal(calls.find, 2);
  });

  test('sees a revocation within a second, and at once if it is notified', async () => {
    const owner = ownerOf(token);
    const { store } = storeOf(owner);
    const time = 1_000_000;
    const authenticator = createAuthenticator(store, () => time);
    const valid = await authenticator.authenticate(header);
    assert.ok(valid.ok);
    const revoked = ownerOf(token, { revoked: new Date(time) });
    const second = createAuthenticator(storeOf(revoked).store, () => time);
    // The event of the refusal names the owner.
    const refusal = { ok: false, reason: 'revoked', owner: valid.caller };
    assert.deepEqual(await second.authenticate(header), refusal);
    owner.credential = revoked.credential;
    authenticator.forget(owner.credential.id);
    assert.deepEqual(await authenticator.authenticate(header), refusal);
  });

  for (const [name, ms] of [
    ['within a second without a notice', 999],
    ['if the clock was set back meanwhile', -60_000],
  ] as const)
    test(`sees a revocation ${name}`, async () => {
      const owner = ownerOf(token);
      let time = 1_000_000;
      const authenticator = createAuthenticator(storeOf(owner).store, () => time);
      assert.equal((await authenticator.authenticate(header)).ok, true);
      owner.credential = ownerOf(token, { revoked: new Date(time) }).credential;
      time += ms;
      assert.equal((await authenticator.authenticate(header)).ok, false);
    });

  test('refuses an expired token to the millisecond, cached or not', async () => {
    const { store } = storeOf(ownerOf(token, { expires: new Date(1_000_100) }));
    let time = 1_000_000;
    const authenticator = createAuthenticator(store, () => time);
    const valid = await authenticator.authenticate(header);
    assert.ok(valid.ok);
    time = 1_000_100;
    const refusal = { ok: false, reason: 'expired', owner: valid.caller };
    assert.deepEqual(await authenticator.authenticate(header), refusal);
  });

  test('refuses an unknown token, and one whose store answers with another hash', async () => {
    const other = storeOf();
    const refusal = { ok: false, reason: 'unknown', hint: token.slice(0, 8) };
    assert.deepEqual(await createAuthenticator(other.store).authenticate(header), refusal);
    const lying: CredentialStore = { ...other.store, findByHash: async () => ownerOf(mintToken().token) };
    assert.deepEqual(await createAuthenticator(lying).authenticate(header), refusal);
  });

  test('notes the use at most once a minute', async () => {
    const { store, calls } = storeOf(ownerOf(token));
    let time = 1_000_000;
    const authenticator = createAuthenticator(store, () => time);
    for (let i = 0; i < 60; i += 1) {
      await authenticator.authenticate(header);
      time += 1_000;
    }
    assert.equal(calls.touch, 1);
    await authenticator.authenticate(header);
    assert.equal(calls.touch, 2);
  });

  test('challenges as RFC 6750 §3 says', () => {
    assert.doesNotMatch(challenge('missing'), /error/);
    assert.match(challenge('unknown'), /^Bearer realm=".+", error="invalid_token"/);
    assert.equal(challenge('unknown'), challenge('revoked'));
  });
});
