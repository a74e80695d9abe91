// Places: what one client holds, others do not miss.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { createPlaces, type Place, type Requester } from '../../src/http/places.ts';

const work = { inFlightMax: 3, inFlightPerAccountMax: 2, queueMax: 4, queuePerAccountMax: 4, waitMsMax: 20 };
const limits = {
  work,
  reserved: work,
  uploads: { max: 5, perAccountMax: 3, perPersonMax: 2 },
  readers: { max: 2, perAccountMax: 1, perPersonMax: 1 },
  streams: { max: 3, perAccountMax: 2, perPersonMax: 1 },
  bodyBytes: { max: 250, perAccountMax: 100, perPersonMax: 100 },
};
const who = (account: string, person = account, reserved?: Requester['reserved']): Requester => ({
  account,
  person,
  reserved,
});
const scopeOf = (place: Place) =>
  place.ok ? 'ok' : place.refusal.kind === 'overloaded' ? `${place.refusal.scope} ${place.refusal.of}` : 'other';

describe('places', () => {
  test('an upload holds no place of the work, and takes one when its bytes are there', async () => {
    const places = createPlaces(limits);
    const upload = places.of(who('a'));
    assert.equal(scopeOf(upload.upload()), 'ok');
    const others = [places.of(who('a')), places.of(who('a'))];
    for (const other of others) assert.equal(scopeOf(await other.work()), 'ok');
    assert.equal(scopeOf(await upload.work()), 'account requests');
    others[0]?.release();
    assert.equal(scopeOf(await upload.work()), 'ok');
    assert.equal(scopeOf(places.of(who('a')).upload()), 'ok', 'the place of the upload is free again');
  });

  test('uploads are few for a person, for an account and in all, but the System Administrator still gets in', () => {
    const places = createPlaces(limits);
    const upload = (...of: Parameters<typeof who>) => scopeOf(places.of(who(...of)).upload());
    const taken = ['ann', 'ann', 'ann', 'bob', 'bob'].map((person) => upload('a', person));
    assert.deepEqual(taken, ['ok', 'ok', 'account uploads', 'ok', 'account uploads']);
    assert.deepEqual([upload('b'), upload('b'), upload('c')], ['ok', 'ok', 'server uploads']);
    assert.equal(upload('', 'root', 'system'), 'ok');
  });

  test('sign-in and System Administrators get in while accounts have taken everything', async () => {
    const places = createPlaces(limits);
    const held = ['a', 'a', 'b', 'b'].map((account) => places.of(who(account)).work());
    assert.deepEqual((await Promise.all(held)).map(scopeOf), ['ok', 'ok', 'ok', 'server requests']);
    assert.equal(scopeOf(await places.of(who('system', 'root', 'system')).work()), 'ok');
    assert.equal(scopeOf(await places.of(who('system', '192.0.2.1', 'open')).work()), 'ok');
  });

  test('a slow reader gives the place of its work back', async () => {
    const places = createPlaces(limits);
    const reader = places.of(who('a'));
    await reader.work();
    assert.equal(scopeOf(reader.slowReader()), 'ok');
    const next = [places.of(who('a')), places.of(who('a'))];
    for (const other of next) assert.equal(scopeOf(await other.work()), 'ok');
    assert.equal(scopeOf(places.of(who('a')).slowReader()), 'account requests');
    assert.equal(scopeOf(places.of(who('b')).slowReader()), 'ok');
  });

  test('bodies of one account take a bounded part of the memory, until their requests end', () => {
    const places = createPlaces(limits);
    const first = places.of(who('a'));
    assert.deepEqual(
      [60, 40, 1].map((bytes) => scopeOf(first.bodyBytes(bytes))),
      ['ok', 'ok', 'account requests'],
    );
    assert.equal(scopeOf(places.of(who('b')).bodyBytes(100)), 'ok');
    assert.equal(scopeOf(places.of(who('c')).bodyBytes(51)), 'server requests');
    first.release();
    first.release();
    assert.equal(scopeOf(places.of(who('c')).bodyBytes(51)), 'ok');
  });
});
