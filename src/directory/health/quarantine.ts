// A forecast of the quarantine in which Entra ID puts a provisioning job that fails too often, by the thresholds that Microsoft publishes
// (docs/decisions/0020-the-forecast-of-quarantine.md).

/** What is counted of a connection in the time of the forecast. */
export interface QuarantineCounts {
  /** What the client tried. */
  operations: number;
  failures: number;
  /** Failures only because a member or a manager is unknown. */
  referenceFailures: number;
  /** The last call with a token that has expired or was revoked. */
  lastTokenRefused?: Date | undefined;
  lastSuccess?: Date | undefined;
}

/**
 * What leads to quarantine. `token`: calls are refused because of their token, at once. `share`: more than 40 % of the operations failed,
 * from 5,000 failures on. `failures`: more than 40,000 failures, without those of references. `allFailures`: 60,000 failures in all.
 */
export const QUARANTINE_THRESHOLDS = ['token', 'share', 'failures', 'allFailures'] as const;
type QuarantineThreshold = (typeof QUARANTINE_THRESHOLDS)[number];

export const QUARANTINE_STATES = ['none', 'approaching', 'inQuarantine'] as const;

export interface QuarantineForecast {
  /** `approaching`: at least half of the failures that lead to it. `inQuarantine`: by the thresholds, Entra ID has put the job there. */
  state: (typeof QUARANTINE_STATES)[number];
  operations: number;
  failures: number;
  /** Failures by operations, from 0 to 1; 0 without operations. */
  share: number;
  /** The threshold that is crossed, or the one that would be crossed next. */
  threshold: QuarantineThreshold;
  /** How many more failures in a row cross it; 0 if it is crossed. */
  failuresLeft: number;
}

const SHARE_FROM_FAILURES = 5_000;
const FAILURES_MAX = 40_000;
const ALL_FAILURES = 60_000;

/** The forecast for the counts of a connection. */
export function forecastQuarantine(counts: QuarantineCounts): QuarantineForecast {
  const { operations, failures, lastTokenRefused, lastSuccess } = counts;
  const share = operations === 0 ? 0 : failures / operations;
  const known = { operations, failures, share };
  if (lastTokenRefused && !(lastSuccess && lastSuccess >= lastTokenRefused))
    return { ...known, state: 'inQuarantine', threshold: 'token', failuresLeft: 0 };
  const [next] = thresholdsOf(counts).sort((one, other) => one.failuresLeft - other.failuresLeft);
  if (next.failuresLeft === 0) return { ...known, state: 'inQuarantine', ...next };
  return { ...known, state: failures >= next.failuresLeft ? 'approaching' : 'none', ...next };
}

type Distance = Pick<QuarantineForecast, 'threshold' | 'failuresLeft'>;

/** How many failures are left before each threshold, if everything fails from now on. */
function thresholdsOf({ operations, failures, referenceFailures }: QuarantineCounts): [Distance, ...Distance[]] {
  return [
    { threshold: 'share', failuresLeft: Math.max(0, SHARE_FROM_FAILURES - failures, untilShare(operations, failures)) },
    { threshold: 'failures', failuresLeft: Math.max(0, FAILURES_MAX + 1 - (failures - referenceFailures)) },
    { threshold: 'allFailures', failuresLeft: Math.max(0, ALL_FAILURES - failures) },
  ];
}

/** The smallest n for which (failures + n) / (operations + n) is more than 40 %, in whole numbers. */
function untilShare(operations: number, failures: number): number {
  return Math.floor((4 * operations - 10 * failures) / 6) + 1;
}
