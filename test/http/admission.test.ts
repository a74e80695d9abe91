// Admission: no wait when idle, fair between accounts, bounded queues, bounded waits.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { ADMISSION_LIMITS, createAdmission, type Slot } from '../../src/http/admission.ts';

const limits = { inFlightMax: 4, inFlightPerAccountMax: 3, queueMax: 6, queuePerAccountMax: 4, waitMsMax: 50 };

function release(place: Slot | undefined): void {
  assert.ok(place?.ok);
  place.release();
}

describe('admission', () => {
  test('one account has its share, others still get in', async () => {
    const admission = createAdmission(limits);
    const busy = await Promise.all([1, 2, 3].map(() => admission.enter('a')));
    assert.ok(busy.every((place) => place.ok));
    const fourth = admission.enter('a');
    assert.ok((await admission.enter('b')).ok);
    release(busy[0]);
    assert.ok((await fourth).ok);
  });

  test('who waits is let in in turn, an account at a time', async () => {
    const admission = createAdmission({ ...limits, inFlightMax: 1, waitMsMax: 5_000 });
    const order: string[] = [];
    const first = await admission.enter('a');
    const later = ['a', 'a', 'a', 'b'].map(async (account) => {
      const place = await admission.enter(account);
      order.push(account);
      release(place);
    });
    release(first);
    await Promise.all(later);
    assert.ok(order.indexOf('b') <= 1, order.join(' '));
  });

  test('beyond the queues it refuses: the account first, then the server', async () => {
    const admission = createAdmission({ ...limits, inFlightMax: 1 });
    const first = await admission.enter('a');
    const waiting = [1, 2, 3, 4].map(() => admission.enter('a'));
    assert.deepEqual(await admission.enter('a'), { ok: false, scope: 'account' });
    waiting.push(admission.enter('b'), admission.enter('b'));
    assert.deepEqual(await admission.enter('c'), { ok: false, scope: 'server' });
    assert.ok((await Promise.all(waiting)).every((place) => !place.ok && place.scope === 'server'));
    release(first);
    release(await admission.enter('c'));
  });

  test('leaving twice frees one place', async () => {
    const admission = createAdmission({ ...limits, inFlightMax: 1, waitMsMax: 20 });
    const place = await admission.enter('a');
    release(place);
    release(place);
    assert.ok((await admission.enter('a')).ok);
    assert.ok(!(await admission.enter('a')).ok);
  });

  test('never binds below 25 requests a second of an account', async () => {
    const admission = createAdmission(ADMISSION_LIMITS);
    const places = await Promise.all(Array.from({ length: 100 }, () => admission.enter('a')));
    assert.ok(places.every((place) => place.ok));
  });
});
