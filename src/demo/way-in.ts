// What the demo account begins with for those who try out how learners get in: courses, a learner and a manager with a password, links of
// CrewPlanner, an invitation, and the client of the demo app.

import { createHash } from 'node:crypto';
import type { Client, ClientStore } from '../auth/provider/provider-store.ts';
import type { Courses } from '../directory/courses/courses.ts';
import type { Outcome } from '../directory/faults.ts';
import type { InvitationDraft, Invitations } from '../directory/invitations/invitations.ts';
import type { Caller } from '../directory/model.ts';
import type { Provision } from '../directory/ports.ts';
import { emptyAttributes } from '../directory/schema/schema.ts';
import { EXAMPLE_GROUPS, examplePerson, exampleUserName } from './examples.ts';

/** What a start shows of the demo. */
export interface DemoStart {
  appUrl: string;
  /** External ID of a learner whom a link of CrewPlanner can sign in. */
  employee: string;
  /** Login names with their password, as long as it is the generated one. */
  people?: { learner: string; managerWithoutStore: string; password: string };
  /** The e-mail of who is invited and has not registered yet. */
  invited?: string;
}

/** The login name of the manager without a store, who is stopped after the language. */
export const DEMO_MANAGER = exampleUserName('Vera');
/** The login name of the learner who can sign in. */
export const DEMO_LEARNER = exampleUserName('Ben');
/** The External ID of the learner whom links of CrewPlanner sign in. */
export const DEMO_EMPLOYEE = 'example-3';
/** The e-mail and login name of the person who is invited. */
export const DEMO_INVITED = exampleUserName('Hugo');

const COURSES = [
  { title: 'Welcome to the shop', link: 'https://learn.example.com/welcome', groups: [] },
  { title: 'The till in ten minutes', link: 'https://learn.example.com/till', groups: [EXAMPLE_GROUPS.sales.name] },
  {
    title: 'Lift without hurting your back',
    link: 'https://learn.example.com/lift',
    groups: [EXAMPLE_GROUPS.logistics.name],
  },
] as const;

/** What the way in is written through. */
export interface WayInEntries {
  provision: Pick<Provision, 'createUser'>;
  courses: Pick<Courses, 'create'>;
  invitations: Pick<Invitations, 'invite'>;
  /** Gives a user, by login name, the password of the demo. */
  givePassword: (userName: string) => Promise<void>;
}

/**
 * Writes what a new demo account has beside the examples of `examples.ts`, which must be there.
 * @throws Error if something is refused, StoreUnavailable
 */
export async function seedWayIn(entries: WayInEntries, caller: Caller): Promise<void> {
  const { provision, courses, invitations, givePassword } = entries;
  for (const course of COURSES) expectMade(await courses.create(caller, course));
  const manager = Object.assign(examplePerson({ id: '6', given: 'Vera', title: 'Area manager', language: 'en' }), {
    roles: [Object.assign(emptyAttributes(), { value: 'Manager', primary: true })],
  });
  const inGroup = [{ op: 'add', target: 'group', links: [EXAMPLE_GROUPS.sales] }] as const;
  expectMade(await provision.createUser(caller, manager, inGroup));
  for (const userName of [DEMO_LEARNER, DEMO_MANAGER]) await givePassword(userName);
  const {
    externalId: _none,
    active: _active,
    ...invited
  } = examplePerson({
    id: '7',
    given: 'Hugo',
    title: 'Sales assistant',
    language: 'en',
  });
  const draft: InvitationDraft = {
    attributes: Object.assign(emptyAttributes(), invited),
    links: inGroup,
    agreed: true,
  };
  expectMade(await invitations.invite(caller, draft));
}

function expectMade(outcome: Outcome<unknown>): void {
  if (outcome.ok || outcome.faults[0].code === 'uniqueness') return;
  throw new Error(`An example of the demo account was refused: ${JSON.stringify(outcome.faults)}`);
}

const CLIENT_NAME = 'Demo app';
const CLIENTS_LOOKED_AT_MAX = 50;

/** The id of the client of the demo app at an address. It comes before all others, so that links lead to the demo app. */
export function demoClientId(appUrl: string): string {
  return `00000000-0000-7000-8000-${createHash('sha256').update(appUrl).digest('hex').slice(0, 12)}`;
}

/** Makes the client of the demo app, with the addresses at which this server serves it; those at former addresses are removed. */
export async function ensureDemoClient(store: ClientStore, account: string, appUrl: string): Promise<void> {
  const id = demoClientId(appUrl);
  const known = await store.clientsOf(account, CLIENTS_LOOKED_AT_MAX);
  const former = known.filter((client) => client.id !== id && client.id.startsWith(demoClientId('').slice(0, 24)));
  for (const client of former) await store.removeClient(account, client.id);
  if (known.some((client) => client.id === id)) return;
  const client: Client = {
    id,
    account,
    name: CLIENT_NAME,
    redirectUris: [`${appUrl}/callback`],
    postLogoutRedirectUris: [appUrl],
    startUrl: `${appUrl}/sign-in`,
    created: new Date(),
  };
  try {
    await store.addClient(client);
  } catch (error) {
    // Another process of this server was faster.
    if ((await store.client(id)) === undefined) throw error;
  }
}
