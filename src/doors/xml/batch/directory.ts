// The port of a batch to the directory, the reference data and stores of the account, and the account that a file belongs to.

import type { Account, Connection } from '../../../directory/model.ts';
import type { Provision } from '../../../directory/ports.ts';
import type { Prefetch } from '../../../directory/prefetch.ts';
import type { ReferenceData } from '../../../directory/reference-data/reference-data.ts';
import type { References } from '../../../directory/reference-data/references.ts';
import type { EarlierChange } from '../../../runs/file-run.ts';
import type { UserBlock } from '../format/user-block.ts';
import type { KnownNames } from './user-change.ts';

/** The entries of the directory that a run works with: the real ones, or those of a simulation. */
export interface BatchEntries {
  provision: Pick<Provision, 'saveUser'>;
  references: Pick<References, 'user'>;
  prefetch: Prefetch;
}

export interface BatchDirectory {
  /** The entries for one run, which read ahead for its blocks. */
  bulk(): BatchEntries;
  /** The same over a store that never writes. */
  simulate(): BatchEntries & { close(): Promise<void> };
  referenceData: Pick<ReferenceData, 'known'>;
  /** The ref ids among these that are stores of the account. */
  knownStores(account: string, refIds: string[]): Promise<Set<string>>;
  /** Resolves references to managers who were created after the users who name them. */
  resolveManagers(account: string): Promise<void>;
  /** The change that a request (`<run>:<number of the block>`) made to a user. */
  appliedChange: (user: string, request: string) => Promise<EarlierChange>;
}

/** The account and connection of a login slug; undefined if there is none. */
export type FindSource = (slug: string) => Promise<{ account: Account; connection: Connection } | undefined>;

/** The roles, organizations and stores that blocks name and that exist, with one query for each kind. */
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
