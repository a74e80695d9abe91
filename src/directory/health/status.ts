// Owns what is wrong with a connection, in a word each, and how bad it is.

import type { QuarantineForecast } from './quarantine.ts';
import type { TokenExpiry } from './tokens.ts';

/**
 * `inQuarantine`, `quarantineNear`: by the forecast of Entra ID's quarantine. `tokenExpired`, `tokenExpiring`: of the tokens that work.
 * `manyRefused`: at least 10 calls and 10 % of all were refused in 24 hours. `serverErrors`: at least 5 in 24 hours. `neverCalled`: nobody has
 * called yet.
 */
export const PROBLEMS = [
  'inQuarantine',
  'tokenExpired',
  'quarantineNear',
  'tokenExpiring',
  'manyRefused',
  'serverErrors',
  'neverCalled',
] as const;
type Problem = (typeof PROBLEMS)[number];

/** `problem`: syncs are refused. `warning`: they will be, or many are. `unused`: nobody has called yet. */
export const STATUSES = ['ok', 'warning', 'problem', 'unused'] as const;

export interface ConnectionStatus {
  status: (typeof STATUSES)[number];
  /** The worst first. */
  problems: Problem[];
}

/** What the status is made from; calls are those of the last 24 hours. */
export interface StatusParts {
  quarantine?: Pick<QuarantineForecast, 'state'> | undefined;
  token: TokenExpiry | undefined;
  lastCall: Date | undefined;
  /** A connection for tests: people try there what is refused, and need not call. */
  sandbox?: true | undefined;
  requests: number;
  refused: number;
  failed: number;
}

const SEVERE: ReadonlySet<Problem> = new Set(['inQuarantine', 'tokenExpired']);
const REFUSED_MIN = 10;
const REFUSED_SHARE = 0.1;
const FAILED_MIN = 5;

/** The status of a connection. */
export function statusOf({
  quarantine,
  token,
  lastCall,
  sandbox,
  requests,
  refused,
  failed,
}: StatusParts): ConnectionStatus {
  const isTrue: Record<Problem, boolean> = {
    inQuarantine: quarantine?.state === 'inQuarantine',
    tokenExpired: token?.state === 'expired',
    quarantineNear: quarantine?.state === 'approaching',
    tokenExpiring: token?.state === 'expiring',
    manyRefused: !sandbox && refused >= REFUSED_MIN && refused >= REFUSED_SHARE * requests,
    serverErrors: failed >= FAILED_MIN,
    neverCalled: !sandbox && lastCall === undefined,
  };
  const problems = PROBLEMS.filter((problem) => isTrue[problem]);
  if (problems.some((problem) => SEVERE.has(problem))) return { status: 'problem', problems };
  const isUnused = problems.length === 1 && isTrue.neverCalled;
  if (problems.length === 0) return { status: 'ok', problems };
  return { status: isUnused ? 'unused' : 'warning', problems };
}
