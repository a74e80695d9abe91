// What a batch asks of the server around it: the directory, what the account knows by name, and whose file it is.

import type { Account, Connection } from '../../../directory/model.ts';
import type { Provision } from '../../../directory/ports.ts';
import type { Prefetch } from '../../../directory/prefetch.ts';
import type { ReferenceData } from '../../../directory/reference-data/reference-data.ts';
import type { UserBlock } from '../format/user-block.ts';
import type { KnownNames } from './user-change.ts';

/** The entries of the directory that a run works with: the real ones, or those of a simulation. */
export interface BatchEntries {
  provision: Pick<Provision, 'saveUser'>;
  prefetch: Prefetch;
}

export interface BatchDirectory {
  /** Entries for one run: they read ahead for its blocks. */
  bulk(): BatchEntries;
  /** The same over a store that remembers and never writes. */
  simulate(): BatchEntries & { close(): Promise<void> };
  referenceData: Pick<ReferenceData, 'known'>;
  /** Of these ref ids, those that are stores of the account. */
  knownStores(account: string, refIds: string[]): Promise<Set<string>>;
  /** Resolves managers who were named before they came. */
  settleManagers(account: string): Promise<void>;
  /** What a request (`<run>:<number of the block>`) did to a user already. */
  appliedChange(user: string, request: string): Promise<'create' | 'update' | undefined>;
}

/** Whose file it is. Another account's slug is never the answer. */
export type FindOwner = (slug: string) => Promise<{ account: Account; connection: Connection } | undefined>;

/** What exists of all that some blocks name: one question for each kind. */
export async function knownNames(
  directory: Pick<BatchDirectory, 'referenceData' | 'knownStores'>,
  account: string,
  blocks: readonly UserBlock[],
): Promise<KnownNames> {
  const all = (codes: (block: UserBlock) => string[]) => [...new Set(blocks.flatMap(codes))];
  const roles = all((block) => block.roles.map(({ code }) => code));
  const organizations = all((block) => block.organizations.map(({ code }) => code));
  const locations = all((block) => {
    const refId = block.texts.get('RetailLocationId');
    return refId === undefined ? [] : [refId];
  });
  const [knownRoles, knownOrganizations, stores] = await Promise.all([
    roles.length > 0 ? directory.referenceData.known(account, 'role', roles) : new Map<string, string>(),
    organizations.length > 0
      ? directory.referenceData.known(account, 'organization', organizations)
      : new Map<string, string>(),
    locations.length > 0 ? directory.knownStores(account, locations) : new Set<string>(),
  ]);
  return { roles: knownRoles, organizations: knownOrganizations, stores };
}
