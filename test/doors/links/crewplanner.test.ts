// The CrewPlanner link over a real directory: who clicks is found or created, the claims are a sync, a link works once.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { createLinkSecrets, type LinkSecrets } from '../../../src/auth/link-secrets.ts';
import type { Account, Caller, UserView } from '../../../src/directory/model.ts';
import { textAt, valueAt } from '../../../src/directory/schema/attributes.ts';
import { createCrewPlannerLinks, type OpenCrewPlannerLink } from '../../../src/doors/links/crewplanner.ts';
import { createLinkSecretStore } from '../../../src/mongo/accounts/link-secrets.ts';
import { openTestDirectory, type TestDirectory } from '../../support/directory.ts';

const ISSUER = 'https://acme.crewplanner.com';
let directory: TestDirectory;
let account: Account;
let caller: Caller;
let secrets: LinkSecrets;
let secret: string;
let open: OpenCrewPlannerLink;
beforeAll(async () => {
  directory = await openTestDirectory();
  caller = directory.caller({ id: 'acc_crew', slug: 'acme' }, 'con_crew');
  account = caller.account;
  secrets = createLinkSecrets(createLinkSecretStore(directory.db), () => new Date());
  const made = await secrets.create(account.id);
  assert.ok(made.ok);
  secret = made.value.secret;
  const keys = () => Promise.reject(new Error('no keys'));
  open = createCrewPlannerLinks({
    accountBySlug: async (slug) => (slug === account.slug ? account : undefined),
    trustOf: async ({ id, slug }) => ({
      issuer: ISSUER,
      audience: slug,
      algorithm: 'HS256',
      secrets: (await secrets.list(id)).map((one) => new TextEncoder().encode(one.secret)),
      keys,
    }),
    connectionOf: async () => caller.connection,
    takeOnce: (id, tokenId, expires) => secrets.takeOnce(id, tokenId, expires),
    provision: directory.provision,
    now: Date.now,
  });
});
afterAll(() => directory.close());

let tokens = 0;
function tokenOf(sub: string, claims: object = {}, key = secret): Promise<string> {
  tokens += 1;
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience('acme')
    .setSubject(sub)
    .setJti(`token-${tokens}`)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(new TextEncoder().encode(key));
}
async function clicked(sub: string, claims: object = {}): Promise<{ user: UserView; isNew: boolean }> {
  const opened = await open('acme', await tokenOf(sub, claims));
  assert.ok(opened.ok, JSON.stringify(opened));
  return opened;
}
const read = async (id: string) => {
  const user = await directory.lookup.user(caller, id);
  assert.ok(user);
  return user;
};
const PERSON = {
  given_name: 'Ann',
  family_name: 'Example',
  email: 'crew.ann@example.com',
  locale: 'nl-BE',
  job_title: 'Baker',
  department: 'Bakery',
  stores: [{ ref_id: 'S-1', name: 'Ghent', country: '32' }],
};

describe('a click', () => {
  test('creates the user, with groups and stores', async () => {
    const { user, isNew } = await clicked('crew-1', PERSON);
    assert.equal(isNew, true);
    const { attributes } = await read(user.id);
    assert.equal(textAt(attributes, 'externalId'), 'crew-1');
    assert.equal(textAt(attributes, 'userName'), 'crew.ann@example.com');
    assert.equal(textAt(attributes, 'name.givenName'), 'Ann');
    assert.equal(textAt(attributes, 'title'), 'Baker');
    assert.equal(textAt(attributes, 'preferredLanguage'), 'nl-BE');
    assert.equal(attributes.active, true);
    const groups = valueAt(attributes, 'mobietrain.userGroups') as { display: string; type: string }[];
    assert.deepEqual(
      groups.map(({ display, type }) => [display, type]),
      [['Bakery', 'Department']],
    );
    const stores = valueAt(attributes, 'mobietrain.stores') as { value: string }[];
    assert.deepEqual(
      stores.map(({ value }) => value),
      ['S-1'],
    );
  });

  test('updates the same user; claims that are absent change nothing', async () => {
    const { user } = await clicked('crew-2', { ...PERSON, email: 'crew.two@example.com' });
    const again = await clicked('crew-2', { given_name: 'Anna', department: ['Bakery', 'Shop'], locale: 'fr' });
    assert.deepEqual([again.user.id, again.isNew], [user.id, false]);
    const { attributes } = await read(user.id);
    assert.equal(textAt(attributes, 'name.givenName'), 'Anna');
    assert.equal(textAt(attributes, 'name.familyName'), 'Example');
    assert.equal(textAt(attributes, 'title'), 'Baker');
    assert.equal(textAt(attributes, 'preferredLanguage'), 'nl-BE');
    const groups = valueAt(attributes, 'mobietrain.userGroups') as { display: string }[];
    assert.deepEqual(
      groups.map(({ display }) => display),
      ['Bakery', 'Shop'],
    );
    const third = await clicked('crew-2', {});
    assert.equal((await read(user.id)).version, third.user.version);
  });

  test('never reactivates a user, and never links by e-mail', async () => {
    const { user } = await clicked('crew-3', { email: 'shared@example.com' });
    await directory.provision.updateUser(caller, user.id, undefined, () => ({
      ok: true,
      revision: {
        mode: 'patch',
        attributes: Object.assign(Object.create(null), { active: false }),
        stated: new Set(['active']),
      },
    }));
    const again = await clicked('crew-3', { email: 'shared@example.com', active: true });
    assert.equal(again.user.attributes.active, false);
    const other = await clicked('crew-4', { email: 'shared@example.com' });
    assert.notEqual(other.user.id, user.id);
    assert.equal(textAt(other.user.attributes, 'userName'), 'crew-4');
  });
});

describe('a link', () => {
  test('works once, also if it is opened 20 times at once', async () => {
    const token = await tokenOf('crew-5', { email: 'crew.five@example.com' });
    const opened = await Promise.all(Array.from({ length: 20 }, () => open('acme', token)));
    assert.equal(opened.filter(({ ok }) => ok).length, 1);
    assert.ok(opened.every((one) => one.ok || one.reason === 'used'));
    assert.equal((await directory.records.usersWith(account.id, 'externalId', 'crew-5', 2)).length, 1);
  });

  test('20 first visits by 20 links at once create one user', async () => {
    const links = await Promise.all(
      Array.from({ length: 20 }, () => tokenOf('crew-6', { email: 'crew.six@example.com' })),
    );
    const opened = await Promise.all(links.map((token) => open('acme', token)));
    const ids = opened.map((one) => (one.ok ? one.user.id : JSON.stringify(one)));
    assert.equal(new Set(ids).size, 1, ids.join('\n'));
  });

  test('is refused with another secret, for an unknown account, and with claims of the wrong form; nobody is created', async () => {
    const foreign = await open('acme', await tokenOf('crew-7', {}, 'a secret that nobody here knows!'));
    assert.equal(!foreign.ok && foreign.reason, 'signature');
    const nowhere = await open('nowhere', await tokenOf('crew-7'));
    assert.equal(!nowhere.ok && nowhere.reason, 'notConnected');
    for (const claims of [{ email: { $ne: null } }, { given_name: 'x'.repeat(256) }, { stores: [{ name: 'Ghent' }] }]) {
      const refused = await open('acme', await tokenOf('crew-7', claims));
      assert.ok(!refused.ok && refused.reason === 'refused' && refused.faults.length > 0, JSON.stringify(refused));
    }
    assert.deepEqual(await directory.records.usersWith(account.id, 'externalId', 'crew-7', 2), []);
  });
});

describe('the secrets of an account', () => {
  test('are at most two, also if ten are created at once; a deleted one signs no more', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => secrets.create('acc_other')));
    assert.ok((await secrets.list('acc_other')).length <= 2, `${made.filter(({ ok }) => ok).length}`);
    const next = await secrets.create(account.id);
    assert.ok(next.ok);
    const token = await tokenOf('crew-8', { email: 'crew.eight@example.com' }, next.value.secret);
    assert.equal((await secrets.remove('acc_other', next.value.id)).ok, false);
    assert.equal((await secrets.remove(account.id, next.value.id)).ok, true);
    const refused = await open('acme', token);
    assert.equal(!refused.ok && refused.reason, 'signature');
  });
});
