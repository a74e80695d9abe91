// The links that `simulate crewplanner` opens: one as CrewPlanner signs it, and others that must be refused.

import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';

/** What links are made from. */
export interface LinkSetting {
  /** Such as `https://acme.crewplanner.com`. */
  issuer: string;
  /** The login slug of the account. */
  audience: string;
  secret: Uint8Array;
  /** The employee's id in CrewPlanner, which is the External ID of the user. */
  employee: string;
  /** Further claims; see docs/crewplanner.md. */
  claims: Readonly<Record<string, unknown>>;
}

/** A link that must be refused. */
export interface BadLink {
  what: string;
  token: string;
}

const LIFETIME_SECONDS = 120;
const MINUTE = 60;
/** Further off than the clocks of two machines may differ. */
const FAR_SECONDS = 15 * MINUTE;

interface Times {
  issued?: number;
  lifetime?: number;
}

type Sign = (claims: Record<string, unknown>, header?: Record<string, unknown>, key?: Uint8Array) => Promise<string>;

/** The claims of a link at a moment, in seconds. */
function claimsOf(setting: LinkSetting, now: number, { issued = now, lifetime = LIFETIME_SECONDS }: Times = {}) {
  const { issuer, audience, employee, claims } = setting;
  const times = { iat: issued, exp: issued + lifetime };
  return { ...claims, iss: issuer, aud: audience, sub: employee, jti: randomUUID(), ...times };
}

function signer({ secret }: LinkSetting): Sign {
  return (claims, header = {}, key = secret) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(key);
}

/** The token of a link as CrewPlanner signs it. */
export function goodToken(setting: LinkSetting): Promise<string> {
  return signer(setting)(claimsOf(setting, secondsNow()));
}

/** Links that must be refused, each for one reason. */
export async function badLinks(setting: LinkSetting): Promise<BadLink[]> {
  const now = secondsNow();
  const sign = signer(setting);
  const fresh = (times?: Times) => claimsOf(setting, now, times);
  const { jti: _none, ...unnamed } = fresh();
  const [header = '', payload = '', signature = ''] = (await sign(fresh())).split('.');
  const changed = Buffer.from(JSON.stringify({ ...fresh(), sub: `${setting.employee}-other` })).toString('base64url');
  const ownKey = { kty: 'oct', k: randomBytes(32).toString('base64url') };
  const links: Record<string, Promise<string> | string> = {
    expired: sign(fresh({ issued: now - FAR_SECONDS })),
    'from the future': sign(fresh({ issued: now + FAR_SECONDS })),
    'valid for more than five minutes': sign(fresh({ lifetime: FAR_SECONDS })),
    'another secret': sign(fresh(), {}, randomBytes(32)),
    'another account (aud)': sign({ ...fresh(), aud: 'somebody-else' }),
    'another issuer (iss)': sign({ ...fresh(), iss: 'https://somebody-else.example' }),
    'without an id (jti)': sign(unnamed),
    'not signed (alg none)': new UnsecuredJWT(fresh()).encode(),
    'a key of its own (jwk)': sign(fresh(), { jwk: ownKey }, Buffer.from(ownKey.k, 'base64url')),
    'keys from elsewhere (jku)': sign(fresh(), { jku: 'https://somebody-else.example/keys' }),
    'changed after signing': `${header}.${changed}.${signature}`,
    'cut off': `${header}.${payload}.${signature.slice(0, 10)}`,
    'no token': '',
  };
  return Promise.all(Object.entries(links).map(async ([what, token]) => ({ what, token: await token })));
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
