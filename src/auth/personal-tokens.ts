// Owns the personal tokens of administrators: making, recognizing and naming them. Every token has an end.

import { type Fault, fault, type Outcome, refused } from '../directory/faults.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Administrator, AdministratorStore, PersonalToken } from './administrator-store.ts';
import { mayAct, type Permit, type StandingReader } from './may-act.ts';
import { hashToken, mintToken, PERSONAL_TOKEN_PREFIX, parseBearer, sameHash } from './tokens.ts';

export const TOKEN_DAYS_DEFAULT = 90;
export const TOKEN_DAYS_MAX = 365;
/** How often the last use of a personal token is stored. */
const LAST_USED_INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;
const NAME_CHARS_MAX = 255;
const TOKENS_MAX = 50;

/** What personal tokens need. */
interface TokenOptions {
  store: AdministratorStore;
  standing: StandingReader;
  now: () => Date;
}

/** When a token ends, also one that an earlier version made without an end. */
export function endOf({ created, expires }: Pick<PersonalToken, 'created' | 'expires'>): Date {
  return expires ?? new Date(created.getTime() + TOKEN_DAYS_MAX * DAY_MS);
}

/** The owner of the personal token in an Authorization header; undefined if it is not valid. */
export async function ownerOfToken(
  { store, standing, now }: TokenOptions,
  authorization: string,
): Promise<{ administrator: Administrator; permit: Permit; token: PersonalToken } | undefined> {
  const parsed = parseBearer(authorization);
  if (parsed.kind !== 'token' || !parsed.token.startsWith(PERSONAL_TOKEN_PREFIX)) return undefined;
  const hash = hashToken(parsed.token);
  const token = await store.token(hash);
  if (!token || !sameHash(token.hash, hash) || endOf(token) <= now()) return undefined;
  const administrator = await store.byId(token.administrator);
  const permit = administrator && (await mayAct(standing, administrator, token));
  if (!permit) return undefined;
  const at = now();
  if (at.getTime() - (token.lastUsed?.getTime() ?? 0) >= LAST_USED_INTERVAL_MS) {
    // Not worth failing the request: the next use tries again.
    store.touchToken(token.id, at).catch(() => undefined);
  }
  return { administrator, permit, token };
}

/**
 * Makes a personal token, which ends after `expiresInDays` (1 to 365).
 * Faults: notFound (an administrator who may not act), required, tooLong, tooMany.
 */
export async function createToken(
  { store, standing, now }: TokenOptions,
  administrator: Administrator,
  { name, expiresInDays = TOKEN_DAYS_DEFAULT }: { name: string; expiresInDays?: number | undefined },
): Promise<Outcome<PersonalToken & { token: string }>> {
  const wrong = nameFault(name);
  if (wrong) return refused(wrong);
  // The state of the administrator who was authenticated: if it has changed since, the token is not valid.
  const permit = await mayAct(standing, administrator);
  if (!permit) return refused(fault('notFound', 'Administrator', { id: administrator.id }));
  if ((await store.tokensOf(administrator.id)).length >= TOKENS_MAX)
    return refused(fault('tooMany', 'tokens', { max: TOKENS_MAX }));
  const { token, hash, hint } = mintToken(PERSONAL_TOKEN_PREFIX);
  const created = now();
  const stored: PersonalToken = {
    id: newResourceId(),
    administrator: administrator.id,
    hash,
    hint,
    name: name.trim(),
    created,
    expires: new Date(created.getTime() + expiresInDays * DAY_MS),
    ...permit.stamp,
  };
  await store.insertToken(stored);
  return { ok: true, value: { ...stored, token }, effect: 'created' };
}

function nameFault(name: string): Fault | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return fault('required', 'name');
  return trimmed.length > NAME_CHARS_MAX ? fault('tooLong', 'name', { max: NAME_CHARS_MAX }) : undefined;
}
