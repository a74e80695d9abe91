// The forecast of Entra ID's quarantine at the edges of each published threshold.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { forecastQuarantine, type QuarantineCounts } from '../../../src/directory/health/quarantine.ts';

/** Enough operations that the share is never the reason. */
const MANY = 1_000_000;
const counts = (operations: number, failures: number, more: Partial<QuarantineCounts> = {}): QuarantineCounts => ({
  operations,
  failures,
  referenceFailures: 0,
  ...more,
});
const short = (given: QuarantineCounts) => {
  const { state, threshold, failuresLeft } = forecastQuarantine(given);
  return [state, threshold, failuresLeft];
};

describe('more than 40 % of the operations, from 5,000 failures on', () => {
  for (const [operations, failures, expected] of [
    [0, 0, ['none', 'share', 5_000]],
    [4_999, 4_999, ['approaching', 'share', 1]],
    [5_000, 5_000, ['inQuarantine', 'share', 0]],
    // Exactly 40 % is not more than 40 %.
    [12_500, 5_000, ['approaching', 'share', 1]],
    [12_499, 5_000, ['inQuarantine', 'share', 0]],
    [12_501, 5_001, ['inQuarantine', 'share', 0]],
    // Half of the way.
    [2_499, 2_499, ['none', 'share', 2_501]],
    [2_500, 2_500, ['approaching', 'share', 2_500]],
    // Few failures among many operations need many more.
    [100_000, 100, ['none', 'failures', 39_901]],
  ] as const) {
    test(`${failures} of ${operations}`, () => assert.deepEqual(short(counts(operations, failures)), expected));
  }

  test('so many more failures cross it, and one fewer does not', () => {
    for (const [operations, failures] of [
      [10_000, 3_900],
      [20_000, 6_000],
      [30_000, 11_999],
      [7, 1],
    ] as const) {
      const { threshold, failuresLeft } = forecastQuarantine(counts(operations, failures));
      assert.equal(threshold, 'share');
      const withMore = (more: number) => forecastQuarantine(counts(operations + more, failures + more)).state;
      assert.equal(withMore(failuresLeft), 'inQuarantine', `${failures} of ${operations}`);
      assert.notEqual(withMore(failuresLeft - 1), 'inQuarantine', `${failures} of ${operations}`);
    }
  });
});

describe('more than 40,000 failures without those of references', () => {
  for (const [failures, referenceFailures, expected] of [
    [40_000, 0, ['approaching', 'failures', 1]],
    [40_001, 0, ['inQuarantine', 'failures', 0]],
    [40_001, 1, ['approaching', 'failures', 1]],
    [50_001, 10_000, ['inQuarantine', 'failures', 0]],
  ] as const) {
    test(`${failures}, of which ${referenceFailures} are references`, () =>
      assert.deepEqual(short(counts(MANY, failures, { referenceFailures })), expected));
  }
});

describe('60,000 failures in all', () => {
  for (const [failures, expected] of [
    [59_999, ['approaching', 'allFailures', 1]],
    [60_000, ['inQuarantine', 'allFailures', 0]],
  ] as const) {
    test(`${failures}, all of references`, () =>
      assert.deepEqual(short(counts(MANY, failures, { referenceFailures: failures })), expected));
  }
});

describe('a token that is refused', () => {
  const [earlier, later] = [new Date('2026-11-20T10:00:00Z'), new Date('2026-11-20T11:00:00Z')];
  for (const [lastTokenRefused, lastSuccess, expected] of [
    [later, earlier, ['inQuarantine', 'token', 0]],
    [later, undefined, ['inQuarantine', 'token', 0]],
    [earlier, later, ['none', 'share', 5_000]],
    [undefined, later, ['none', 'share', 5_000]],
  ] as const) {
    test(`refused ${lastTokenRefused?.toISOString()}, accepted ${lastSuccess?.toISOString()}`, () =>
      assert.deepEqual(short(counts(0, 0, { lastTokenRefused, lastSuccess })), expected));
  }
});

test('the share is that of the operations', () => {
  assert.equal(forecastQuarantine(counts(8, 2)).share, 0.25);
  assert.equal(forecastQuarantine(counts(0, 0)).share, 0);
});
