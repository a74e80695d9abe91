// Tokens of partners: signed as the account says, for this account, short-lived. The attacks of RFC 8725 §2 and their kin are refused.

import assert from 'node:assert/strict';
import { beforeAll, describe, test } from '@jest/globals';
import {
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { type PartnerTrust, verifyPartnerToken } from '../../src/auth/partner-tokens.ts';

const NOW = Date.parse('2026-03-29T01:30:00Z');
const SECONDS = NOW / 1000;
const bytes = (text: string) => new TextEncoder().encode(text);
const SECRET = bytes('a secret that both sides know: 1');
const NEXT_SECRET = bytes('a secret that both sides know: 2');
const CLAIMS = {
  iss: 'https://acme.crewplanner.com',
  aud: 'acme',
  sub: 'employee-7',
  jti: 'once-1',
  iat: SECONDS,
  exp: SECONDS + 120,
};

let shared: PartnerTrust;
let published: PartnerTrust;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let foreign: typeof pair;
beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  foreign = await generateKeyPair('RS256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }] });
  const common = { issuer: CLAIMS.iss, audience: CLAIMS.aud, keys };
  shared = { ...common, algorithm: 'HS256', secrets: [SECRET, NEXT_SECRET] };
  published = { ...common, algorithm: 'RS256', secrets: [] };
});

const hs = (claims: JWTPayload, secret = SECRET, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret);
const rs = (claims: JWTPayload, key = pair.privateKey, header: object = { kid: 'k1' }) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(key);
const without = (...names: string[]): JWTPayload =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => !names.includes(name)));
const judge = async (token: string, trust: PartnerTrust = shared) => {
  const outcome = await verifyPartnerToken(token, trust, NOW);
  return outcome.ok ? 'ok' : outcome.reason;
};

describe('a token is accepted', () => {
  test('by either of two secrets, and by a published key', async () => {
    assert.equal(await judge(await hs(CLAIMS)), 'ok');
    assert.equal(await judge(await hs(CLAIMS, NEXT_SECRET)), 'ok');
    assert.equal(await judge(await rs(CLAIMS), published), 'ok');
  });

  test('a minute before it is issued and after it has expired, by clocks that differ', async () => {
    assert.equal(await judge(await hs({ ...CLAIMS, iat: SECONDS + 59, exp: SECONDS + 120 })), 'ok');
    assert.equal(await judge(await hs({ ...CLAIMS, iat: SECONDS - 180, exp: SECONDS - 59 })), 'ok');
    assert.equal(await judge(await hs({ ...CLAIMS, aud: ['other', 'acme'] })), 'ok');
  });
});

describe('a token is refused', () => {
  const CASES: [what: string, token: () => Promise<string> | string, reason: string, trust?: () => PartnerTrust][] = [
    ['without a signature', () => new UnsecuredJWT(CLAIMS).encode(), 'signature'],
    ['with another secret', () => hs(CLAIMS, bytes('a secret that nobody here knows!')), 'signature'],
    [
      'with another algorithm of the family',
      () => new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS512' }).sign(SECRET),
      'signature',
    ],
    ['with a published key if the account shares secrets', () => rs(CLAIMS), 'signature'],
    ['with another key', () => rs(CLAIMS, foreign.privateKey), 'signature', () => published],
    [
      'with the public key as a shared secret',
      async () => hs(CLAIMS, bytes(await exportSPKI(pair.publicKey))),
      'signature',
      () => published,
    ],
    [
      'that brings its key',
      async () => rs(CLAIMS, pair.privateKey, { kid: 'k1', jwk: await exportJWK(pair.publicKey) }),
      'signature',
      () => published,
    ],
    [
      'that names the address of its key',
      () => rs(CLAIMS, pair.privateKey, { kid: 'k1', jku: 'https://evil.example/keys' }),
      'signature',
      () => published,
    ],
    [
      'that names a certificate',
      () => rs(CLAIMS, pair.privateKey, { kid: 'k1', x5u: 'https://evil.example/cert' }),
      'signature',
      () => published,
    ],
    ['of another issuer', () => hs({ ...CLAIMS, iss: 'https://evil.crewplanner.com' }), 'foreign'],
    [
      'of an issuer whose address begins alike',
      () => hs({ ...CLAIMS, iss: 'https://acme.crewplanner.com.evil.example' }),
      'foreign',
    ],
    ['for another account', () => hs({ ...CLAIMS, aud: 'other' }), 'foreign'],
    ['that has expired', () => hs({ ...CLAIMS, iat: SECONDS - 200, exp: SECONDS - 61 }), 'expired'],
    ['from the future', () => hs({ ...CLAIMS, iat: SECONDS + 61, exp: SECONDS + 100 }), 'early'],
    ['that is not valid yet', () => hs({ ...CLAIMS, nbf: SECONDS + 100 }), 'early'],
    ['that lives too long', () => hs({ ...CLAIMS, exp: SECONDS + 301 }), 'longLived'],
    ...['sub', 'jti', 'iat', 'exp', 'iss', 'aud'].map((name): [string, () => Promise<string>, string] => [
      `without ${name}`,
      () => hs(without(name)),
      'malformed',
    ]),
    ['with a blank sub', () => hs({ ...CLAIMS, sub: '  ' }), 'malformed'],
    ['with a sub that is too long', () => hs({ ...CLAIMS, sub: 'x'.repeat(256) }), 'malformed'],
    ['with a time as text', () => hs({ ...CLAIMS, exp: 'soon' as unknown as number }), 'malformed'],
    ['that is not a token', () => 'nonsense', 'malformed'],
    ['that is empty', () => '', 'malformed'],
    ['that is very long', () => 'x'.repeat(100_000), 'malformed'],
    [
      'that was changed',
      async () =>
        (await hs(CLAIMS)).replace(
          /\.[^.]*\./,
          `.${Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'boss' })).toString('base64url')}.`,
        ),
      'signature',
    ],
    ['if the account has no secret', () => hs(CLAIMS), 'signature', () => ({ ...shared, secrets: [] })],
    [
      'if the keys cannot be read',
      () => rs(CLAIMS),
      'noKeys',
      () => ({ ...published, keys: () => Promise.reject(new TypeError('fetch failed')) }),
    ],
  ];
  test.each(CASES)('%s', async (_what, token, reason, trust = () => shared) => {
    assert.equal(await judge(await token(), trust()), reason);
  });
});
