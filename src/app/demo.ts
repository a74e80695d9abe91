// Wires up the demo of the way in, in development only: the demo app, its client, and the people who can sign in.

import { createHmac } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { hashPassword, inQueue, verifyPassword } from '../auth/passwords/hashing.ts';
import type { ClientStore } from '../auth/provider/provider-store.ts';
import type { Config } from '../config.ts';
import { createDemoApp } from '../demo/app/app.ts';
import {
  DEMO_EMPLOYEE,
  DEMO_INVITED,
  DEMO_LEARNER,
  DEMO_MANAGER,
  type DemoStart,
  demoClientId,
  ensureDemoClient,
  seedWayIn,
} from '../demo/way-in.ts';
import type { Invitations } from '../directory/invitations/invitations.ts';
import type { Account, Caller } from '../directory/model.ts';
import { ADMIN_BASE } from '../doors/admin/api/api.ts';
import type { Log } from '../log.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { openSharedKey, sharedKey } from '../mongo/client/shared-keys.ts';
import { createLearnerStore } from '../mongo/learners/access.ts';
import { composeCourses } from './courses.ts';
import { setUpLinks } from './crewplanner.ts';
import type { Store } from './database.ts';
import type { Directory } from './directory.ts';
import { OIDC_BASE } from './learners.ts';

/** The path of the demo app below the public URL. */
const DEMO_BASE = '/demo-app';

/** Whether there is a demo: never in production. */
export function hasDemo({ environment, demoExamples }: Pick<Config, 'environment' | 'demoExamples'>): boolean {
  return environment !== 'production' && demoExamples;
}

/** Creates the demo app; undefined if there is no demo. */
export async function composeDemoApp(
  config: Config,
  { db }: Pick<Mongo, 'db'>,
  publicUrl: string,
  log: Log,
): Promise<{ base: string; router: RequestListener } | undefined> {
  if (!hasDemo(config)) return undefined;
  const appUrl = publicUrl + DEMO_BASE;
  const router = createDemoApp({
    issuer: publicUrl + OIDC_BASE,
    clientId: demoClientId(appUrl),
    appUrl,
    apiUrl: publicUrl + ADMIN_BASE,
    key: await sharedKey(db, 'demoApp'),
    report: (message, error) => log.error(message, { error }),
  });
  return { base: DEMO_BASE, router };
}

/** What the demo is seeded through. */
export interface DemoParts {
  directory: Pick<Directory, 'provision' | 'records' | 'references'>;
  invitations: Pick<Invitations, 'invite'>;
  clients: ClientStore;
}

const KEY_NAME = 'demoPeople';
const PASSWORD_CHARS = 20;

/** Writes what a new demo account has for the way in. @throws StoreUnavailable, Error if something is refused */
export async function seedDemo(
  { accounts, mongo }: Pick<Store, 'accounts' | 'mongo'>,
  { directory, invitations }: DemoParts,
  caller: Caller,
): Promise<void> {
  const { db } = mongo;
  const passwordHash = await hashPassword(passwordOf(await openSharedKey(db, KEY_NAME).create()));
  const access = createLearnerStore(db);
  const { courses } = composeCourses(db, directory);
  const entries = {
    ...directory,
    courses,
    invitations,
    async givePassword(userName: string) {
      const user = await userNamed(directory, caller.account, userName);
      if (user !== undefined) await access.setPassword(user, caller.account.id, passwordHash);
    },
  };
  await seedWayIn(entries, caller);
  await setUpLinks(mongo, accounts, caller.account);
}

/** Makes the client of the demo app if there is a demo account, and says what a start shows. @throws StoreUnavailable */
export async function startDemo(
  { mongo: { db } }: Pick<Store, 'mongo'>,
  { directory, clients }: DemoParts,
  account: Account,
  publicUrl: string,
): Promise<DemoStart> {
  const appUrl = publicUrl + DEMO_BASE;
  await ensureDemoClient(clients, account.id, appUrl);
  const start = { appUrl, employee: DEMO_EMPLOYEE };
  const key = await openSharedKey(db, KEY_NAME).find();
  const user = key && (await userNamed(directory, account, DEMO_LEARNER));
  if (!key || user === undefined) return start;
  const password = passwordOf(key);
  const access = await createLearnerStore(db).access(user);
  const isGood = await inQueue((place) => verifyPassword(place, access?.passwordHash, password));
  if (!isGood) return start;
  const invited = await userNamed(directory, account, DEMO_INVITED);
  const isWaiting =
    invited !== undefined && (await directory.records.user(account.id, invited))?.lifecycle === 'invited';
  return {
    ...start,
    people: { learner: DEMO_LEARNER, managerWithoutStore: DEMO_MANAGER, password },
    ...(isWaiting ? { invited: DEMO_INVITED } : {}),
  };
}

async function userNamed({ records }: Pick<Directory, 'records'>, { id }: Account, userName: string) {
  return (await records.usersWith(id, 'userName', userName, 1))[0];
}

function passwordOf(key: Uint8Array): string {
  return createHmac('sha256', key).update('demo: password').digest('base64url').slice(0, PASSWORD_CHARS);
}
