// Tokens that expire: how many days are left, and from when on somebody should make a new one.

/** What is read of a credential. */
export interface ExpiringToken {
  id: string;
  name?: string;
  hint: string;
  created: Date;
  expires?: Date;
  lastUsed?: Date;
  revoked?: Date;
}

/** `expiring`: within 30 days. */
export const TOKEN_STATES = ['valid', 'expiring', 'expired'] as const;

export interface TokenExpiry {
  state: (typeof TOKEN_STATES)[number];
  /** Whole days until it expires, rounded up; 0 if it has. Absent if it never expires. */
  daysLeft?: number;
}

const DAY_MS = 86_400_000;
/** From this many days before the end on, there is a warning. */
const EXPIRING_DAYS = 30;

/** When a token ends. */
export function expiryOf({ expires }: Pick<ExpiringToken, 'expires'>, now: Date): TokenExpiry {
  if (!expires) return { state: 'valid' };
  const daysLeft = Math.max(0, Math.ceil((expires.getTime() - now.getTime()) / DAY_MS));
  if (expires <= now) return { state: 'expired', daysLeft: 0 };
  return { state: daysLeft <= EXPIRING_DAYS ? 'expiring' : 'valid', daysLeft };
}
