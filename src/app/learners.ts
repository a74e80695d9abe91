// Wires up how learners get in: the OpenID provider under /oidc, the pages of sign-in and registration, and what they decide by.

import type { IncomingMessage } from 'node:http';
import type { ResetMail } from '../auth/learners/learner-options.ts';
import { createLearners, type Learners } from '../auth/learners/learners.ts';
import { createStamps } from '../auth/learners/stamps.ts';
import { createAccessTokens, type ReadAccessToken } from '../auth/provider/access-tokens.ts';
import { createAdapterFactory } from '../auth/provider/adapter.ts';
import { createInteractions, createProviders } from '../auth/provider/interactions.ts';
import type { People } from '../auth/provider/people.ts';
import { createProvider, type PageContext, type ProviderPages } from '../auth/provider/provider.ts';
import { loadSigningKeys, type SigningKeys } from '../auth/provider/signing-keys.ts';
import type { Config } from '../config.ts';
import { learnersConnection } from '../directory/accounts/accounts.ts';
import { languagesOf } from '../directory/entry/entry.ts';
import { createInvitationLinks } from '../directory/invitations/links.ts';
import type { Account } from '../directory/model.ts';
import type { FindSignedIn } from '../doors/admin/sign-in/authenticate.ts';
import type { RequestOwner } from '../doors/contract.ts';
import { createLearnerDoor } from '../doors/learners/door.ts';
import { resetLanguage, resetMail } from '../doors/learners/mails.ts';
import { failedPage, type Setting, signedOutPage, signOutPage } from '../doors/learners/pages/pages.ts';
import { interactionPath } from '../doors/learners/paths.ts';
import { learnerRouter } from '../doors/learners/router.ts';
import { pageLanguage } from '../doors/page-texts.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import { createMounted } from '../http/mounted.ts';
import type { Observe } from '../http/pipeline.ts';
import type { Places } from '../http/places.ts';
import type { Log } from '../log.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createResetLimits, createSignInLimits } from '../mongo/accounts/sign-in-limits.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import type { RunWithDeadline } from '../mongo/client/deadline.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { createLinkStore } from '../mongo/invitations/links.ts';
import { createLearnerStore } from '../mongo/learners/access.ts';
import { createClients, createSigningKeys } from '../mongo/learners/clients.ts';
import { createProviderValues } from '../mongo/learners/provider-values.ts';
import { createUserStandings } from '../mongo/users/standings.ts';
import { composeCrewPlanner } from './crewplanner.ts';
import type { Directory } from './directory.ts';
import { composeMails } from './mails.ts';
import { createPeople } from './people.ts';
import { createRequestMemo, type RequestMemo } from './request-memo.ts';

/** The path of the OpenID provider below the public URL. */
export const OIDC_BASE = '/oidc';
/** How long a request to the provider may take. */
const ANSWER_MS_MAX = 30_000;

/** What learners get in over. */
export interface LearnerParts {
  config: Config;
  log: Log;
  mongo: Mongo;
  accounts: Accounts;
  directory: Directory;
  places: Places;
  deadline: RunWithDeadline;
  observe: Observe;
  recorder: EventRecorder;
  /** The URL under which people reach this server, without a trailing slash. */
  publicUrl: string;
}

/** Creates the provider and the pages. */
export async function composeLearners(parts: LearnerParts) {
  const { config, log, mongo, accounts, places, deadline, observe, recorder, publicUrl } = parts;
  const { db } = mongo;
  const clients = createClients(db);
  const learners = openLearners(parts);
  const requests = new WeakMap<IncomingMessage, RequestOwner>();
  const memo = createRequestMemo();
  const accountById = memo.once(accounts.accountById);
  const people = createPeople({ learners, accounts: { accountById }, ...parts.directory });
  const provider = await openProvider(parts, people, requests, memo);
  const interactions = createInteractions(provider, clients, publicUrl);
  const { openCrewPlannerLink } = composeCrewPlanner(db, accounts, parts.directory.provision);
  const partners = { crewplanner: openCrewPlannerLink };
  const pages = createLearnerDoor({ learners, interactions, clients, accounts, publicUrl, partners });
  const clientAddress = createClientAddress(config.trustedProxies);
  const oidc = createMounted({
    name: 'learners',
    handler: (request, response) => memo.run(async () => (await provider()).callback()(request, response)),
    publicUrl,
    answerMsMax: ANSWER_MS_MAX,
    refuse: (refusal) => pages.door.refuse(refusal),
    mediaType: pages.door.mediaType,
    ownerOf: (request) => requests.get(request),
    routeOf: (path) => `oidc ${/^\/(?:[a-z]+)/.exec(path)?.[0] ?? path.slice(0, 20)}`,
    places,
    clientAddress,
    recorder,
    observe,
    log,
  });
  const router = learnerRouter({ ...pages, places, deadline, recorder, observe, log, clientAddress });
  return { oidc, router, clients, learners, learnerOf: createLearnerOf(createAccessTokens(provider, clients), people) };
}

function createLearnerOf(read: ReadAccessToken, people: Pick<People, 'find' | 'account'>): FindSignedIn {
  return async (token) => {
    const owner = await read(token);
    const [account, person] = owner
      ? await Promise.all([people.account(owner.account), people.find(owner.account, owner.user)])
      : [];
    return owner && account && person ? { account, user: owner.user, isIn: person.isIn } : undefined;
  };
}

function openLearners({ mongo, accounts, directory, publicUrl }: LearnerParts): Learners {
  const { client, db } = mongo;
  const now = () => new Date();
  const { outbox, templates } = composeMails(db, now);
  return createLearners({
    store: createLearnerStore(db),
    limits: createSignInLimits(client, db.databaseName),
    resetLimits: createResetLimits(client, db.databaseName),
    lookup: directory.lookup,
    provision: directory.provision,
    records: directory.records,
    accountById: accounts.accountById,
    links: createInvitationLinks({ store: createLinkStore(client, db), now }),
    async tell(mail: ResetMail) {
      const template = await templates.find(mail.account.id, 'reset', resetLanguage(mail));
      await outbox.enqueue(resetMail(mail, publicUrl, template));
    },
    now,
  });
}

async function openProvider(
  { log, mongo, publicUrl }: LearnerParts,
  people: People,
  requests: WeakMap<IncomingMessage, RequestOwner>,
  memo: RequestMemo,
) {
  const { db } = mongo;
  const now = () => new Date();
  const [sealingKey, cookieKey] = await Promise.all([sharedKey(db, 'oidcKeys'), sharedKey(db, 'oidcCookies')]);
  const adapter = createAdapterFactory({
    store: createProviderValues(db),
    clients: createClients(db),
    // A value that is stored with the stamp from the beginning of its request ends all the same if the stamp changes meanwhile.
    stampOf: memo.once(createStamps(createLearnerStore(db), createUserStandings(db))),
    now,
  });
  const load = () => loadSigningKeys({ store: createSigningKeys(db), sealingKey, now });
  const make = ({ keys }: SigningKeys) =>
    createProvider({
      issuer: publicUrl + OIDC_BASE,
      adapter,
      keys,
      cookieKey,
      people: { ...people, find: memo.once((account: string, user: string) => people.find(account, user)) },
      pages: providerPages(people),
      interactionPath,
      async answered(request, id) {
        const account = await people.account(id);
        if (account)
          requests.set(request, { account, connection: learnersConnection(account), credentialId: 'learner' });
      },
      report: (message, error) => log.error(message, { error }),
    });
  return createProviders(load, make, now);
}

function providerPages(people: Pick<People, 'account'>): ProviderPages {
  const settingOf = async ({ account: id, languages }: PageContext): Promise<Setting> => {
    const account: Account | undefined = id === undefined ? undefined : await people.account(id);
    return { account, language: pageLanguage(languagesOf(account ?? {}), [], languages) };
  };
  return {
    signOut: async (page) => signOutPage({ ...(await settingOf(page)), formTargets: page.formTargets }, page),
    signedOut: async (page) => signedOutPage(await settingOf(page)),
    failed: async (page) => failedPage(await settingOf(page), FAILURES[page.code] ?? 'request'),
  };
}

const FAILURES: Readonly<Record<string, 'server' | 'expired'>> = {
  server_error: 'server',
  temporarily_unavailable: 'server',
  session_not_found: 'expired',
};
