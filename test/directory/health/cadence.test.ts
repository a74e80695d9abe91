// When a client calls, what is counted of a call, and when a token ends.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { cadenceOf } from '../../../src/directory/health/cadence.ts';
import { type Call, countCall, emptyHour, type HourCounts, hourOf } from '../../../src/directory/health/calls.ts';
import { clientOf } from '../../../src/directory/health/clients.ts';
import { countsByDay, lastDays } from '../../../src/directory/health/days.ts';
import { statusOf } from '../../../src/directory/health/status.ts';
import { expiryOf } from '../../../src/directory/health/tokens.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-20T00:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE);

/** The counts after calls at these minutes since the start. */
function hoursOf(minutes: readonly number[]): HourCounts[] {
  const hours = new Map<number, HourCounts>();
  for (const minute of minutes) {
    const call: Call = { account: 'a', connection: 'c', at: at(minute), status: 200, method: 'GET', isRead: true };
    const hour = hours.get(hourOf(call.at).getTime()) ?? emptyHour(call);
    hours.set(hour.hour.getTime(), hour);
    countCall(hour, call);
  }
  return [...hours.values()];
}

describe('cadence', () => {
  // Every 40 minutes, for three minutes each, as Entra ID does it.
  const syncs = [5, 45, 85, 125, 165].flatMap((minute) => [minute, minute + 1, minute + 2]);

  test('is observed from the starts of syncs', () => {
    const { observedMinutes, publishedMinutes, due, overdueSince } = cadenceOf(
      'entra',
      hoursOf(syncs),
      at(167),
      at(170),
    );
    assert.deepEqual([observedMinutes, publishedMinutes, due, overdueSince], [40, 40, at(205), undefined]);
  });

  test('a sync is overdue when a whole interval has passed since it was due', () => {
    const overdue = (minute: number) => cadenceOf('entra', hoursOf(syncs), at(167), at(minute)).overdueSince;
    assert.equal(overdue(245), undefined);
    assert.deepEqual(overdue(246), at(205));
  });

  test('a pause within a sync starts no other, and one odd gap does not change the interval', () => {
    const odd = [0, 10, 60, 120, 180, 400, 460];
    assert.equal(cadenceOf('okta', hoursOf(odd), at(460), at(461)).observedMinutes, 60);
  });

  test('too few syncs say nothing: of Entra ID the published interval counts, of others none', () => {
    const few = hoursOf([5, 45]);
    assert.deepEqual(cadenceOf('entra', few, at(45), at(46)), { publishedMinutes: 40, due: at(85) });
    assert.deepEqual(cadenceOf('okta', few, at(45), at(46)), {});
    assert.deepEqual(cadenceOf('entra', [], undefined, at(46)), { publishedMinutes: 40 });
  });
});

describe('what is counted', () => {
  const counted = (...calls: Partial<Call>[]) => {
    const base = { account: 'a', connection: 'c', at: at(1), status: 200, method: 'GET', isRead: true };
    const hour = emptyHour(base);
    for (const call of calls) countCall(hour, { ...base, ...call });
    return hour;
  };
  const numbers = ({ requests, refused, failed, operations, failures, referenceFailures }: HourCounts) => [
    requests,
    refused,
    failed,
    operations,
    failures,
    referenceFailures,
  ];
  const write = { method: 'PATCH', isRead: false };
  const because = (...codes: string[]) => ({ faults: codes.map((code) => ({ code, detail: '' })) });
  for (const [name, call, expected] of [
    ['a read that succeeds', {}, [1, 0, 0, 0, 0, 0]],
    ['a write that succeeds', { ...write, ...because('note') }, [1, 0, 0, 1, 0, 0]],
    ['a write that is refused', { ...write, status: 400, ...because('required') }, [1, 1, 0, 1, 1, 0]],
    ['a server error', { ...write, status: 503 }, [1, 0, 1, 1, 1, 0]],
    ['a call that the client gave up', { ...write, status: 499 }, [1, 0, 1, 1, 1, 0]],
    ['a read of what is gone', { status: 404, isOfOne: true, ...because('404') }, [1, 0, 0, 0, 0, 0]],
    ['a read of an address that there is not', { status: 404, ...because('404') }, [1, 1, 0, 1, 1, 0]],
    ['a deletion of what is gone', { method: 'DELETE', isRead: false, status: 404, isOfOne: true }, [1, 0, 0, 1, 0, 0]],
    ['a change of what is gone', { ...write, status: 404, isOfOne: true }, [1, 1, 0, 1, 1, 0]],
    ['a read that is refused', { status: 400 }, [1, 1, 0, 1, 1, 0]],
    ['a token that is refused', { ...write, status: 401, isTokenRefused: true }, [1, 1, 0, 1, 0, 0]],
    ['an unknown member', { ...write, status: 400, ...because('memberNotFound') }, [1, 1, 0, 1, 1, 1]],
    [
      'an unknown member and more',
      { ...write, status: 400, ...because('memberNotFound', 'required') },
      [1, 1, 0, 1, 1, 0],
    ],
  ] as const) {
    test(name, () => assert.deepEqual(numbers(counted(call)), expected));
  }

  test('faults of refused calls by code, each once per call; a code is never a path', () => {
    const { faults } = counted(
      { status: 400, ...because('required', 'required', 'tooLong') },
      { status: 400, at: at(2), ...because('required', 'a.b', '$set') },
      { ...because('ignored') },
    );
    assert.deepEqual(faults, {
      required: { count: 2, last: at(2) },
      tooLong: { count: 1, last: at(1) },
      other: { count: 1, last: at(2) },
    });
  });

  test('the last call, success and refused token', () => {
    const { lastCall, lastSuccess, lastTokenRefused } = counted(
      { at: at(3) },
      { at: at(2), status: 401, isTokenRefused: true },
      { at: at(4), status: 400 },
    );
    assert.deepEqual([lastCall, lastSuccess, lastTokenRefused], [at(4), at(3), at(2)]);
  });
});

describe('the status', () => {
  const quiet = { token: { state: 'valid' }, lastCall: at(0), requests: 1_000, refused: 0, failed: 0 } as const;
  for (const [name, parts, expected] of [
    ['nothing wrong', {}, ['ok']],
    ['never called', { lastCall: undefined }, ['unused', 'neverCalled']],
    ['no token', { token: undefined }, ['ok']],
    ['a token that ends', { token: { state: 'expiring' } }, ['warning', 'tokenExpiring']],
    ['a token that has ended', { token: { state: 'expired' } }, ['problem', 'tokenExpired']],
    ['99 refusals of 1,000', { refused: 99 }, ['ok']],
    ['100 refusals of 1,000', { refused: 100 }, ['warning', 'manyRefused']],
    ['100 refusals of a connection for tests', { refused: 100, sandbox: true }, ['ok']],
    ['a connection for tests, never called', { lastCall: undefined, sandbox: true }, ['ok']],
    ['9 refusals of 9', { requests: 9, refused: 9 }, ['ok']],
    ['4 server errors', { failed: 4 }, ['ok']],
    ['5 server errors', { failed: 5 }, ['warning', 'serverErrors']],
    ['near quarantine', { quarantine: { state: 'approaching' } }, ['warning', 'quarantineNear']],
    [
      'in quarantine because of many refusals',
      { quarantine: { state: 'inQuarantine' }, refused: 900 },
      ['problem', 'inQuarantine', 'manyRefused'],
    ],
  ] as const) {
    test(name, () => {
      const { status, problems } = statusOf({ ...quiet, ...parts });
      assert.deepEqual([status, ...problems], expected);
    });
  }
});

test('an hour belongs to the day in which it begins', () => {
  const hour = (text: string, requests: number) => ({ hour: new Date(text), requests, refused: 0, failed: 0 });
  const hours = [hour('2026-11-21T18:00:00Z', 1), hour('2026-11-21T19:00:00Z', 2), hour('2026-11-22T18:00:00Z', 4)];
  const days = lastDays('2026-11-22', 2);
  assert.deepEqual(
    countsByDay(hours, days, 'Asia/Kolkata').map(({ day, requests }) => [day, requests]),
    [
      ['2026-11-21', 1],
      ['2026-11-22', 6],
    ],
  );
});

test('clients are recognised by their User-Agent', () => {
  assert.equal(clientOf('Microsoft Azure AD SCIM provisioning 1.0'), 'entra');
  assert.equal(clientOf('Okta SCIM Client 1.0.0'), 'okta');
  for (const other of [undefined, '', 'curl/8.5.0', `${'x'.repeat(300)} Okta`])
    assert.equal(clientOf(other), undefined);
});

test('tokens that expire: a warning 30 days before, or fewer for a token that was made for fewer', () => {
  const now = at(0);
  const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const long = (days: number) => expiryOf({ created: later(-300), expires: later(days) }, now);
  assert.deepEqual(expiryOf({ created: now }, now), { state: 'valid' });
  assert.deepEqual(long(30.01), { state: 'valid', daysLeft: 31 });
  assert.deepEqual(long(30), { state: 'expiring', daysLeft: 30 });
  assert.deepEqual(long(0.01), { state: 'expiring', daysLeft: 1 });
  assert.deepEqual(long(0), { state: 'expired', daysLeft: 0 });
  assert.deepEqual(long(-5), { state: 'expired', daysLeft: 0 });
  for (const [lifetime, left, state] of [
    [20, 8, 'valid'],
    [20, 7, 'expiring'],
    [7, 7, 'valid'],
    [7, 2, 'valid'],
    [7, 1, 'expiring'],
    [1, 1, 'expiring'],
  ] as const)
    assert.equal(expiryOf({ created: later(left - lifetime), expires: later(left) }, now).state, state);
});
