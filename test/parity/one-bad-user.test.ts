// One bad user through every door: the same fault code, in each door's own words.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { type AdminServer, type Api, idOf, openAdminServer } from '../support/admin.ts';
import { MOBIETRAIN_USER, USER } from '../support/scim.ts';

/** A user in no door's format; every door writes it in its own. */
interface Person {
  userName: string;
  externalId?: string;
  givenName?: string;
  familyName?: string;
  email?: string;
  title?: string;
  store?: { refId: string; name?: string; country?: string };
}

/** What a door made of a person: taken, or the directory's first fault code. */
type Door = (person: Person) => Promise<string>;

const GOOD = {
  userName: 'good',
  externalId: 'good',
  givenName: 'Ann',
  familyName: 'Example',
  email: 'ann@example.com',
};

const CASES: { words: string; person: Person; code: string }[] = [
  { words: 'nothing wrong', person: { ...GOOD }, code: 'taken' },
  {
    words: 'no first name',
    person: { ...without(GOOD, 'givenName'), userName: 'b1', externalId: 'b1' },
    code: 'required',
  },
  { words: 'no external ID', person: { ...without(GOOD, 'externalId'), userName: 'b2' }, code: 'required' },
  {
    words: 'neither e-mail nor phone',
    person: { ...without(GOOD, 'email'), userName: 'b3', externalId: 'b3' },
    code: 'required',
  },
  {
    words: 'an e-mail that is none',
    person: { ...GOOD, userName: 'b4', externalId: 'b4', email: 'nobody' },
    code: 'invalidValue',
  },
  {
    words: 'a title that is too long',
    person: { ...GOOD, userName: 'b5', externalId: 'b5', title: 'x'.repeat(256) },
    code: 'tooLong',
  },
  {
    words: 'a store without its country',
    person: { ...GOOD, userName: 'b6', externalId: 'b6', store: { refId: 's1', name: 'Gent' } },
    code: 'required',
  },
  {
    words: 'a country that is none',
    person: { ...GOOD, userName: 'b7', externalId: 'b7', store: { refId: 's2', name: 'Gent', country: '999' } },
    code: 'invalidValue',
  },
  { words: 'a login name that is taken', person: { ...GOOD, externalId: 'b8' }, code: 'uniqueness' },
  { words: 'a second good one', person: { ...GOOD, userName: 'good2', externalId: 'good2' }, code: 'taken' },
  {
    words: 'one active user more than the contract allows',
    person: { ...GOOD, userName: 'b9', externalId: 'b9' },
    code: 'userLimit',
  },
];

function without<K extends keyof typeof GOOD>(person: typeof GOOD, key: K): Omit<typeof GOOD, K> {
  const { [key]: _left, ...rest } = person;
  return rest;
}

let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer();
});
afterAll(() => api.stop());

/** A new account that enforces, with room for two users. */
async function account(): Promise<{ slug: string; admin: Api }> {
  const slug = await api.account({ userLimit: 2, requiredData: 'enforce' });
  return { slug, admin: await api.administrator(slug, 'customerAdministrator') };
}

const DOORS: Record<string, () => Promise<Door>> = {
  async 'the admin API'() {
    const { slug, admin } = await account();
    return async ({ givenName, familyName, email, store, ...texts }) => {
      const body = {
        ...texts,
        name: { givenName, familyName },
        emails: email === undefined ? [] : [{ value: email }],
        stores: store ? [store] : [],
      };
      const answer = await admin('POST', `/accounts/${slug}/users`, { body });
      return answer.status === 201 ? 'taken' : String(answer.body.code);
    };
  },

  async SCIM() {
    const { slug, admin } = await account();
    const connection = idOf(await admin('POST', `/accounts/${slug}/connections`, { body: { name: 'Entra' } }));
    const path = `/accounts/${slug}/connections/${connection}/credentials`;
    const { token } = (await admin('POST', path, { body: {} })).body;
    return async ({ givenName, familyName, email, store, ...texts }) => {
      const stores = store ? [{ value: store.refId, display: store.name, country: store.country }] : undefined;
      const body = {
        schemas: [USER, MOBIETRAIN_USER],
        ...texts,
        name: { givenName, familyName },
        ...(email === undefined ? {} : { emails: [{ value: email, type: 'work' }] }),
        [MOBIETRAIN_USER]: { stores },
      };
      const requestId = `parity-${texts.userName}-${Date.now()}`;
      const answer = await api.server.raw('/Users', {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${String(token)}`,
          'Content-Type': 'application/scim+json',
          'X-Request-Id': requestId,
        },
        body: JSON.stringify(body),
      });
      return answer.status === 201 ? 'taken' : recordedCode(requestId);
    };
  },
};

/** Doors that people come in by. What such a door does not have, or decides before the directory, is left out, with the reason. */
const WAYS_IN: Record<string, { open: () => Promise<Door>; leftOut: Record<string, string> }> = {
  'an invitation': {
    leftOut: {
      'no external ID': 'an invited person has none',
      'one active user more than the contract allows': 'who is invited is not active yet',
    },
    async open() {
      const { slug, admin } = await account();
      const group = idOf(await admin('POST', `/accounts/${slug}/groups`, { body: { name: 'Invited' } }));
      return async ({ givenName, familyName, email, store, externalId: _none, ...texts }) => {
        const body = {
          ...texts,
          name: { givenName, familyName },
          emails: email === undefined ? [] : [{ value: uniqueIn(email, texts.userName) }],
          stores: store ? [store] : [],
          groups: [group],
          userAgreement: true,
        };
        const answer = await admin('POST', `/accounts/${slug}/invitations`, { body });
        return answer.status === 201 ? 'taken' : String(answer.body.code);
      };
    },
  },

  'a link of CrewPlanner': {
    leftOut: {
      'no external ID': 'the link itself does not work without it',
      'a login name that is taken': 'the person then gets the External ID as login name',
    },
    async open() {
      const { slug } = await account();
      assert.equal((await api.root('PATCH', `/accounts/${slug}`, { body: { crewplannerSlug: slug } })).status, 200);
      const { secret } = (await api.root('POST', `/accounts/${slug}/link-secrets`)).body;
      return async ({ userName, givenName, familyName, email, title, store }) => {
        const claims = {
          given_name: givenName,
          family_name: familyName,
          email: email === undefined ? undefined : uniqueIn(email, userName),
          job_title: title,
          stores: store ? [{ ref_id: store.refId, name: store.name, country: store.country }] : undefined,
        };
        const token = await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer(`https://${slug}.crewplanner.com`)
          .setAudience(slug)
          .setSubject(userName)
          .setJti(userName)
          .setIssuedAt()
          .setExpirationTime('2m')
          .sign(new TextEncoder().encode(String(secret)));
        const requestId = `parity-link-${userName}-${Date.now()}`;
        const answer = await api.server.raw(`${api.server.origin}/login/external/${slug}/crewplanner?token=${token}`, {
          method: 'GET',
          headers: { 'X-Request-Id': requestId },
        });
        return answer.status === 403 ? recordedCode(requestId) : 'taken';
      };
    },
  },
};

/** An e-mail that nobody else has, and one that is none as it is. */
function uniqueIn(email: string, userName: string): string {
  return email.includes('@') ? `${userName}@example.com` : email;
}

/** The directory's code of a refusal, as the event of the request keeps it: SCIM's own keywords are fewer. */
async function recordedCode(requestId: string): Promise<string> {
  const events = api.server.database.db.collection<{ request: string; faults?: { code: string }[] }>('events');
  for (let look = 0; look < 100; look += 1) {
    const event = await events.findOne({ request: { $gte: requestId, $lt: `${requestId}\uffff` } });
    if (event) return event.faults?.[0]?.code ?? 'none';
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 'no event';
}

for (const [name, open] of Object.entries(DOORS)) {
  describe(`one bad user through ${name}`, () => {
    let door: Door;
    beforeAll(async () => {
      door = await open();
    });
    for (const { words, person, code } of CASES) {
      test(`${words}: ${code}`, async () => assert.equal(await door(person), code));
    }
  });
}

for (const [name, { open, leftOut }] of Object.entries(WAYS_IN)) {
  describe(`one bad user through ${name}`, () => {
    let door: Door;
    beforeAll(async () => {
      door = await open();
    });
    for (const { words, person, code } of CASES) {
      if (Object.hasOwn(leftOut, words)) continue;
      test(`${words}: ${code}`, async () => assert.equal(await door(person), code));
    }
  });
}
