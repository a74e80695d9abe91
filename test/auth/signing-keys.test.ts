// The keys that sign ID tokens over time: every instance has the same, a new one is published before it signs, an old one after it has.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose';
import { loadSigningKeys, SIGNING_ALGORITHM, type SigningKeys } from '../../src/auth/provider/signing-keys.ts';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { createSigningKeys } from '../../src/mongo/learners/clients.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

const DAY_MS = 86_400_000;
/** The first instant of a period of 90 days. */
const BEGIN = 90 * DAY_MS * 230;
const sealingKey = new Uint8Array(32).fill(7);

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => collectionsOf(database.db).signingKeys.deleteMany({}));

const load = (days: number, key = sealingKey): Promise<SigningKeys> =>
  loadSigningKeys({
    store: createSigningKeys(database.db),
    sealingKey: key,
    now: () => new Date(BEGIN + days * DAY_MS),
  });
const kidsOf = ({ keys }: SigningKeys) => keys.map(({ kid }) => kid ?? '');
const daysOf = ({ until }: SigningKeys) => (until.getTime() - BEGIN) / DAY_MS;

async function signed({ keys: [key] }: SigningKeys): Promise<string> {
  assert.ok(key);
  const header = { alg: SIGNING_ALGORITHM, ...(key.kid === undefined ? {} : { kid: key.kid }) };
  return new SignJWT({}).setProtectedHeader(header).sign(await importJWK(key, SIGNING_ALGORITHM));
}
const published = ({ keys }: SigningKeys) =>
  createLocalJWKSet({ keys: keys.map(({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use }) as never) });

describe('over time', () => {
  test('a key is published a week before it signs, and for a period after it', async () => {
    const first = await load(0);
    assert.deepEqual([kidsOf(first).length, daysOf(first)], [1, 83]);
    const [one] = kidsOf(first);
    assert.deepEqual(kidsOf(await load(82.9)), [one]);
    const ahead = await load(83);
    const [, two] = kidsOf(ahead);
    assert.deepEqual([kidsOf(ahead), daysOf(ahead)], [[one, two], 90]);
    const later = await load(90);
    assert.deepEqual([kidsOf(later), daysOf(later)], [[two, one], 173]);
    const third = await load(180);
    assert.equal(kidsOf(third)[1], two);
    assert.ok(!kidsOf(third).includes(one ?? ''));
  });

  test('what was signed before a change is verified after it, also by a client that read the keys a week before', async () => {
    const before = await load(89.9);
    const read = published(before);
    const token = await signed(before);
    const after = await load(90);
    await jwtVerify(token, published(after));
    await jwtVerify(await signed(after), read);
    await assert.rejects(jwtVerify(token, published(await load(200))), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  test('a server that was off for a year has a key to sign with', async () => {
    const first = await load(0);
    const later = await load(400);
    assert.ok(later.keys.length >= 1 && !kidsOf(later).includes(kidsOf(first)[0] ?? ''));
  });
});

test('twenty instances that start at once have one key, which is not readable in the database', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => load(1)));
  assert.equal(new Set(all.map((keys) => JSON.stringify(keys.keys))).size, 1);
  const [stored, ...others] = await collectionsOf(database.db).signingKeys.find({}).toArray();
  assert.deepEqual([others.length, /"(?:d|p|q)"/.test(JSON.stringify(stored))], [0, false]);
  await assert.rejects(load(1, new Uint8Array(32).fill(8)));
});
