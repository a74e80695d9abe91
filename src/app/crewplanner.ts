// Wires up the links of CrewPlanner.

import { createRemoteJWKSet } from 'jose';
import { createLinkSecrets, type LinkSecrets } from '../auth/link-secrets.ts';
import type { PartnerTrust } from '../auth/partner-tokens.ts';
import { CLIENTS_MAX } from '../auth/provider/clients.ts';
import type { Client } from '../auth/provider/provider-store.ts';
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
import { createClients } from '../mongo/learners/clients.ts';

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

/** What a link of CrewPlanner to an account is made from, as far as it is set up. */
export interface LinkSetUp {
  /** Undefined without `crewplannerSlug`. */
  issuer: string | undefined;
  algorithm: PartnerTrust['algorithm'];
  /** The secrets of the account, the oldest first. */
  secrets: string[];
  /** The application of the account to which a link leads: the oldest one that says where it begins, or else the oldest one. */
  client: Client | undefined;
}

/** Reads what a link is made from. @throws StoreUnavailable */
export async function linkSetUp({ db }: Pick<Mongo, 'db'>, account: Account): Promise<LinkSetUp> {
  const [secrets, clients] = await Promise.all([
    createLinkSecrets(createLinkSecretStore(db), () => new Date()).list(account.id),
    createClients(db).clientsOf(account.id, CLIENTS_MAX),
  ]);
  return {
    issuer: issuerOf(account),
    algorithm: account.crewplannerAlgorithm ?? 'HS256',
    secrets: secrets.map(({ secret }) => secret),
    client: clients.find(({ startUrl }) => startUrl !== undefined) ?? clients[0],
  };
}

/** Sets up links of CrewPlanner for trying: a subdomain named after the account, and a secret, unless there are. @throws StoreUnavailable */
export async function setUpLinks(
  { db }: Pick<Mongo, 'db'>,
  accounts: Pick<Accounts, 'setAccount'>,
  account: Account,
): Promise<Account> {
  const secrets = createLinkSecrets(createLinkSecretStore(db), () => new Date());
  if ((await secrets.list(account.id)).length === 0) await secrets.create(account.id);
  if (account.crewplannerSlug !== undefined) return account;
  return (await accounts.setAccount(account.slug, { crewplannerSlug: account.slug })) ?? account;
}

function issuerOf({ crewplannerSlug }: Account): string | undefined {
  return crewplannerSlug === undefined ? undefined : `https://${crewplannerSlug}.crewplanner.com`;
}

async function trustOf(
  account: Account,
  secrets: Pick<LinkSecrets, 'list'>,
  keysOf: (issuer: string) => PartnerTrust['keys'],
): Promise<PartnerTrust | undefined> {
  const { id, slug, crewplannerAlgorithm: algorithm = 'HS256' } = account;
  const issuer = issuerOf(account);
  if (issuer === undefined) return undefined;
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
