// Wires up the links of CrewPlanner.

import { createRemoteJWKSet } from 'jose';
import { createLinkSecrets, type LinkSecrets } from '../auth/link-secrets.ts';
import type { PartnerTrust } from '../auth/partner-tokens.ts';
import type { Account } from '../directory/model.ts';
import type { Provision } from '../directory/ports.ts';
import {
  CREWPLANNER_CONNECTION,
  createCrewPlannerLinks,
  type OpenCrewPlannerLink,
} from '../doors/links/crewplanner.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createLinkSecretStore } from '../mongo/accounts/link-secrets.ts';
import type { Mongo } from '../mongo/client/connection.ts';

const KEYS_MS_MAX = 5_000;

/** Creates the secrets of links and the function that opens them. */
export function composeCrewPlanner(
  db: Mongo['db'],
  accounts: Pick<Accounts, 'findAccount' | 'ensureConnection'>,
  provision: Provision,
): { linkSecrets: LinkSecrets; openCrewPlannerLink: OpenCrewPlannerLink } {
  const linkSecrets = createLinkSecrets(createLinkSecretStore(db), () => new Date());
  const keysOf = createKeysOf();
  return {
    linkSecrets,
    openCrewPlannerLink: createCrewPlannerLinks({
      accountBySlug: (slug) => accounts.findAccount(slug),
      trustOf: async (account) => trustOf(account, linkSecrets, keysOf),
      connectionOf: (account) => accounts.ensureConnection(account, CREWPLANNER_CONNECTION),
      takeOnce: (account, tokenId, expires) => linkSecrets.takeOnce(account, tokenId, expires),
      provision,
      now: Date.now,
    }),
  };
}

async function trustOf(
  account: Account,
  secrets: Pick<LinkSecrets, 'list'>,
  keysOf: (issuer: string) => PartnerTrust['keys'],
): Promise<PartnerTrust | undefined> {
  const { id, slug, crewplannerSlug, crewplannerAlgorithm: algorithm = 'HS256' } = account;
  if (crewplannerSlug === undefined) return undefined;
  const issuer = `https://${crewplannerSlug}.crewplanner.com`;
  const shared = algorithm === 'HS256' ? await secrets.list(id) : [];
  return {
    issuer,
    audience: slug,
    algorithm,
    secrets: shared.map(({ secret }) => new TextEncoder().encode(secret)),
    keys: keysOf(issuer),
  };
}

/** Published keys are read once and kept for ten minutes; an unknown key is looked for at most twice a minute (the defaults of jose). */
function createKeysOf(): (issuer: string) => PartnerTrust['keys'] {
  const sets = new Map<string, PartnerTrust['keys']>();
  return (issuer) => {
    const known =
      sets.get(issuer) ??
      createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer), { timeoutDuration: KEYS_MS_MAX });
    sets.set(issuer, known);
    return known;
  };
}
