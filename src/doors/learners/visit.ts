// Whose page a request is for: found by the interaction of the browser, the token of a link, or the slug in the path, before anything of
// the request is acted on.

import type { IncomingHttpHeaders } from 'node:http';
import type { Learners } from '../../auth/learners/learners.ts';
import type { FoundInvitation } from '../../auth/learners/registration.ts';
import type { ResetOwner } from '../../auth/learners/resets.ts';
import type { Interactions, OpenInteraction } from '../../auth/provider/interactions.ts';
import type { ClientStore } from '../../auth/provider/provider-store.ts';
import type { Account } from '../../directory/model.ts';

/** What a path below the base of the pages leads to. */
export type Place =
  | { kind: 'interaction' | 'forgot'; uid: string }
  | { kind: 'register' | 'reset'; token: string }
  | { kind: 'way'; slug: string; identifier: string };

/** A place with what was found there. */
export type Visit =
  | { kind: 'interaction'; interaction: OpenInteraction; account: Account }
  | { kind: 'forgot'; interaction: OpenInteraction; account: Account }
  | { kind: 'register'; token: string; found: FoundInvitation; account: Account | undefined }
  | { kind: 'reset'; token: string; owner: ResetOwner | undefined; account: Account | undefined }
  | { kind: 'way'; identifier: string; account: Account }
  /** There is no such interaction or account. */
  | { kind: 'nowhere'; place: Place; account: undefined };

/** What the pages need. */
export interface LearnerDoorOptions {
  learners: Learners;
  interactions: Interactions;
  clients: Pick<ClientStore, 'clientsOf'>;
  accounts: {
    accountById(id: string): Promise<Account | undefined>;
    findAccount(slug: string): Promise<Account | undefined>;
  };
  /** The URL under which people reach this server, without a trailing slash. */
  publicUrl: string;
}

const SEGMENT = /^[A-Za-z0-9_-]{1,100}$/;

/** The place of a path; undefined if there is none. */
export function placeOf(path: string): Place | undefined {
  const [, kind, first = '', second, ...more] = path.split('/');
  if (!SEGMENT.test(first) || more.length > 0 || (second !== undefined && !SEGMENT.test(second))) return undefined;
  if (kind === 'external') return second === undefined ? undefined : { kind: 'way', slug: first, identifier: second };
  if (kind === 'interaction' && second === 'forgot') return { kind: 'forgot', uid: first };
  if (second !== undefined) return undefined;
  if (kind === 'interaction') return { kind, uid: first };
  return kind === 'register' || kind === 'reset' ? { kind, token: first } : undefined;
}

/** Finds what is at a place. @throws StoreUnavailable */
export async function visit(
  { learners, interactions, accounts }: LearnerDoorOptions,
  place: Place,
  headers: IncomingHttpHeaders,
): Promise<Visit> {
  const nowhere = { kind: 'nowhere', place, account: undefined } as const;
  switch (place.kind) {
    case 'interaction':
    case 'forgot': {
      const interaction = await interactions.find(place.uid, headers);
      const account = interaction && (await accounts.accountById(interaction.client.account));
      return account ? { kind: place.kind, interaction, account } : nowhere;
    }
    case 'register': {
      const found = await learners.invitation(place.token);
      return { ...place, kind: 'register', found, account: found.state === 'unknown' ? undefined : found.account };
    }
    case 'reset': {
      const owner = await learners.resetOwner(place.token);
      return { ...place, kind: 'reset', owner, account: owner?.account };
    }
    case 'way': {
      const account = await accounts.findAccount(place.slug);
      return account ? { kind: 'way', identifier: place.identifier, account } : nowhere;
    }
  }
}
