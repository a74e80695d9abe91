// Filters, read by the server and by SCIMMY: whatever both understand must find the same users (RFC 7644 §3.4.2.2). SCIMMY is a
// second opinion and no authority. Left out of the filters is what it reads otherwise than the RFC: `not`, parentheses inside of others or beside more than one condition, escaped
// quotes, upper case (it compares exactly), several conditions on one multi-valued attribute (it wants one element to meet them
// all), and texts that occur in "undefined", which is how it reads an attribute without a value; and users without any e-mail.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { Types } from 'scimmy';
import { USER } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

const PEOPLE = 40;
const FILTERS = 150;
const SEED = 20_261_125;

type Resource = Record<string, unknown> & { id: string };

let server: Tenants;
let tenant: Tenant;
let people: Resource[];

/** A few letters, so that texts begin with, end with and contain each other. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'k'), minLength: 1, maxLength: 3 });
const emailType = fc.constantFrom('work', 'home', 'other');

const person = fc.record(
  {
    name: fc.record({ givenName: text, familyName: text }),
    emails: fc.uniqueArray(fc.record({ type: emailType, value: text.map((local) => `${local}@a.bk`) }), {
      selector: ({ type }) => type,
      minLength: 1,
      maxLength: 3,
    }),
    title: text,
    displayName: text,
    userType: text,
    active: fc.boolean(),
  },
  { requiredKeys: ['name', 'emails', 'active'] },
);

const single = fc.constantFrom('title', 'displayName', 'userType', 'name.givenName', 'name.familyName');
const compares = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
const comparison = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(single, compares, text).map(([name, operator, value]) => `${name} ${operator} "${value}"`),
  },
  { weight: 1, arbitrary: single.map((name) => `${name} pr`) },
  { weight: 1, arbitrary: fc.boolean().map((value) => `active eq ${value}`) },
);
const ofEmails = fc.oneof(
  emailType.map((type) => `emails.type eq "${type}"`),
  emailType.map((type) => `emails[type eq "${type}"]`),
  fc.tuple(fc.constantFrom('co', 'sw', 'ne'), text).map(([operator, value]) => `emails.value ${operator} "${value}"`),
);
/** Conditions that must all hold; at most one is about e-mails. */
const all = fc
  .tuple(fc.array(comparison, { minLength: 1, maxLength: 3 }), fc.option(ofEmails, { nil: undefined }))
  .map(([terms, emails]) => [...terms, ...(emails === undefined ? [] : [emails])].join(' and '));
const either = fc.array(comparison, { minLength: 2, maxLength: 3 }).map((terms) => terms.join(' or '));
const filter = fc.oneof(
  fc.array(all, { minLength: 1, maxLength: 3 }).map((branches) => branches.join(' or ')),
  fc.tuple(either, fc.oneof(comparison, ofEmails)).map(([terms, more]) => `(${terms}) and ${more}`),
);

beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant({ requiredData: 'report' });
  const drafts = fc.sample(person, { numRuns: PEOPLE, seed: SEED });
  for (const [index, draft] of drafts.entries()) {
    const body = { schemas: [USER], userName: `person-${index}`, ...draft };
    assert.equal((await tenant.call('POST', '/Users', { body })).status, 201);
  }
  people = await found('userName pr');
  assert.equal(people.length, PEOPLE);
});
afterAll(() => server.stop());

async function found(wanted: string): Promise<Resource[]> {
  const reply = await tenant.call('GET', `/Users?count=${PEOPLE}&filter=${encodeURIComponent(wanted)}`);
  assert.equal(reply.status, 200, `${wanted}: ${reply.text}`);
  return reply.body.Resources as Resource[];
}

const idsOf = (resources: readonly Resource[]) => resources.map(({ id }) => id).sort();

test('the server and SCIMMY find the same users', async () => {
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(filter, async (wanted) => {
      const ours = idsOf(await found(wanted));
      assert.deepEqual(ours, idsOf(new Types.Filter(wanted).match(people) as Resource[]), wanted);
      if (ours.length > 0 && ours.length < PEOPLE) matched += 1;
    }),
    { numRuns: FILTERS, seed: SEED },
  );
  assert.ok(matched > FILTERS / 3, `only ${matched} of ${FILTERS} filters tell users apart`);
});
