// Verifies the tokens of partners who send people here, such as CrewPlanner: signed JWTs that live minutes and work once
// (RFC 7519; RFC 8725 §3: the algorithm and the keys are fixed, and nothing in a header chooses them).

import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Account } from '../directory/model.ts';

/** Whose tokens are accepted, for whom, and by which keys. */
export interface PartnerTrust {
  issuer: string;
  audience: string;
  algorithm: NonNullable<Account['crewplannerAlgorithm']>;
  /** The shared secrets, of which each may have signed; for HS256. */
  secrets: readonly Uint8Array[];
  /** The partner's published keys; for the other algorithms. */
  keys: JWTVerifyGetKey;
}

/** Why a token is refused. */
export type PartnerTokenRefusal =
  /** Not a JWT, or one without a claim that is needed. */
  | 'malformed'
  /** Signed with another algorithm or key, or its header names a key. */
  | 'signature'
  /** From another issuer, or for another account. */
  | 'foreign'
  | 'expired'
  /** Issued or valid in the future. */
  | 'early'
  /** Valid for longer than five minutes. */
  | 'longLived'
  /** The partner's keys cannot be read at the moment. */
  | 'noKeys';

/** The claims of a verified token. */
interface PartnerClaims extends JWTPayload {
  sub: string;
  jti: string;
  iat: number;
  exp: number;
}

export type VerifiedPartnerToken = { ok: true; claims: PartnerClaims } | { ok: false; reason: PartnerTokenRefusal };

const LIFETIME_SECONDS_MAX = 300;
const CLOCK_TOLERANCE_SECONDS = 60;
const TOKEN_CHARS_MAX = 8192;
const ID_CHARS_MAX = 255;
/** Parameters of a header by which a token would bring its own key (RFC 7515 §4.1). */
const KEY_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit'] as const;

/** Verifies a token. Whether it was used before is not checked here. @param now milliseconds */
export async function verifyPartnerToken(
  token: string,
  trust: PartnerTrust,
  now: number = Date.now(),
): Promise<VerifiedPartnerToken> {
  const header = token.length > TOKEN_CHARS_MAX ? undefined : headerOf(token);
  if (!header) return { ok: false, reason: 'malformed' };
  if (header.alg !== trust.algorithm || KEY_PARAMETERS.some((name) => name in header))
    return { ok: false, reason: 'signature' };
  const keys = trust.algorithm === 'HS256' ? trust.secrets : [trust.keys];
  let refused: PartnerTokenRefusal = 'signature';
  for (const key of keys) {
    const outcome = await verifiedBy(token, key, trust, now);
    if (outcome.ok) return outcome;
    refused = outcome.reason;
    if (refused !== 'signature') break;
  }
  return { ok: false, reason: refused };
}

async function verifiedBy(
  token: string,
  key: Uint8Array | JWTVerifyGetKey,
  { algorithm, issuer, audience }: PartnerTrust,
  now: number,
): Promise<VerifiedPartnerToken> {
  const options = {
    algorithms: [algorithm],
    issuer,
    audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(now),
    requiredClaims: ['sub', 'jti', 'iat', 'exp'],
  };
  try {
    const { payload } =
      typeof key === 'function' ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
    return judged(payload, now / 1000);
  } catch (error) {
    if (error instanceof errors.JOSEError) return { ok: false, reason: refusalOf(error) };
    if (typeof key === 'function') return { ok: false, reason: 'noKeys' };
    throw error;
  }
}

function judged(payload: JWTPayload, seconds: number): VerifiedPartnerToken {
  const { sub, jti, iat, exp } = payload;
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= ID_CHARS_MAX;
  if (!isText(sub) || !isText(jti) || typeof iat !== 'number' || typeof exp !== 'number')
    return { ok: false, reason: 'malformed' };
  if (iat > seconds + CLOCK_TOLERANCE_SECONDS) return { ok: false, reason: 'early' };
  if (exp - iat > LIFETIME_SECONDS_MAX) return { ok: false, reason: 'longLived' };
  return { ok: true, claims: { ...payload, sub, jti, iat, exp } };
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

/** jose reports an address that does not answer, or does not answer with keys, by a timeout or by the class of all its errors. */
function isKeyOutage(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC'
  );
}

function refusalOf(error: errors.JOSEError): PartnerTokenRefusal {
  if (isKeyOutage(error)) return 'noKeys';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (!(error instanceof errors.JWTClaimValidationFailed))
    return error instanceof errors.JWTInvalid ? 'malformed' : 'signature';
  if (error.reason === 'missing') return 'malformed';
  if (error.claim === 'nbf' || error.claim === 'iat') return 'early';
  return error.claim === 'iss' || error.claim === 'aud' ? 'foreign' : 'malformed';
}
