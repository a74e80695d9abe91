// Terms lead to users and decide nothing: whatever is asked of an attribute that users are found by over terms, the answer is what a
// plain comparison of every user's value gives, with texts that are near each other, in other cases, with blanks and rare signs.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { foldText } from '../../src/directory/schema/fold.ts';
import { ENTERPRISE, MOBIETRAIN_USER, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

type Operator = 'eq' | 'sw' | 'co' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
const OPERATORS: Operator[] = ['eq', 'sw', 'co', 'ew', 'gt', 'ge', 'lt', 'le'];

const TEXTS = [
  'Ann',
  'ann',
  'Ann Peeters',
  'ann peeters ',
  ' ann',
  'Anna',
  'ANNÈS',
  'anne\u0300s',
  'Straße',
  'strasse',
  'a.b*c',
  'a(b',
  'a"b\\c',
  'retail/benelux',
  'Retail/Benelux/Gent',
  'retail benelux',
  'displayName ann',
  '\u{1f600} smile',
  'ann\u{1f600}',
  'ann\uffffz',
  '2026-12-31',
  '2027-01-01',
  '0',
  '~',
];

interface Asked {
  path: string;
  isExact: boolean;
  /** Puts a text into the body of a user. */
  put: (text: string) => Record<string, unknown>;
  /** Whether the attribute is of e-mails, which are all addresses. */
  as?: (text: string, index: number) => string;
}

const ATTRIBUTES: Asked[] = [
  { path: 'displayName', isExact: false, put: (displayName) => ({ displayName }) },
  { path: 'title', isExact: false, put: (title) => ({ title }) },
  {
    path: 'emails.value',
    isExact: false,
    as: (_text, index) => `${['Ann', 'ann.b', 'anna', 'ANN.C', 'bob'][index % 5]}${index % 7}@Shop${index % 3}.example`,
    put: (value) => ({
      emails: [
        { value, type: 'work', primary: true },
        { value: `second.${value}`, type: 'home' },
      ],
    }),
  },
  {
    path: `${ENTERPRISE}:employeeNumber`,
    isExact: false,
    put: (employeeNumber) => ({ [ENTERPRISE]: { employeeNumber } }),
  },
  {
    path: `${MOBIETRAIN_USER}:organizationalUnit`,
    isExact: false,
    put: (organizationalUnit) => ({ [MOBIETRAIN_USER]: { organizationalUnit } }),
  },
  { path: `${MOBIETRAIN_USER}:endDate`, isExact: true, put: (endDate) => ({ [MOBIETRAIN_USER]: { endDate } }) },
  { path: `${ENTERPRISE}:manager.value`, isExact: true, put: (value) => ({ [ENTERPRISE]: { manager: { value } } }) },
];

let server: Tenants;
beforeAll(async () => {
  server = await openTenants();
});
afterAll(() => server.stop());

/** As MongoDB compares: byte by byte. */
const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function holds(own: string, operator: Operator, text: string): boolean {
  switch (operator) {
    case 'eq':
      return own === text;
    case 'sw':
      return own.startsWith(text);
    case 'co':
      return own.includes(text);
    case 'ew':
      return own.endsWith(text);
    case 'gt':
      return order(own, text) > 0;
    case 'ge':
      return order(own, text) >= 0;
    case 'lt':
      return order(own, text) < 0;
    case 'le':
      return order(own, text) <= 0;
  }
}

async function namesBy(tenant: Tenant, filter: string): Promise<string[]> {
  const reply = await tenant.call('GET', `/Users?count=500&attributes=userName&filter=${encodeURIComponent(filter)}`);
  assert.equal(reply.status, 200, `${filter}: ${reply.text.slice(0, 300)}`);
  const resources = (reply.body.Resources ?? []) as { userName: string }[];
  assert.equal(reply.body.totalResults, resources.length, filter);
  return resources.map(({ userName }) => userName).toSorted();
}

for (const { path, isExact, put, as } of ATTRIBUTES) {
  describe(path, () => {
    const values = new Map<string, string[]>();
    let tenant: Tenant;
    beforeAll(async () => {
      tenant = await server.tenant({ requiredData: 'report' });
      for (const [index, text] of [...TEXTS, undefined].entries()) {
        const userName = `user-${index}`;
        const value = text === undefined ? undefined : (as?.(text, index) ?? text);
        const body = userNamed(userName, value === undefined ? {} : put(value));
        const reply = await tenant.call('POST', '/Users', { body });
        assert.equal(reply.status, 201, reply.text);
        const own = path === 'emails.value' ? (reply.body.emails as { value: string }[]).map((one) => one.value) : [];
        values.set(userName, path === 'emails.value' ? own : value === undefined ? [] : [value]);
      }
    });

    for (const operator of OPERATORS) {
      test(operator, async () => {
        const fold = (text: string) => (isExact ? text : foldText(text));
        const asked = path === 'emails.value' ? [...values.values()].flat() : TEXTS;
        for (const text of new Set([
          ...asked,
          ...asked.map((one) => one.slice(0, 3)),
          ...asked.map((one) => one.toUpperCase()),
        ])) {
          if (text === '' || (path === 'displayName' && text.trim() === '')) continue;
          const expected = [...values]
            .filter(([, own]) => own.some((one) => holds(fold(one), operator, fold(text))))
            .map(([userName]) => userName)
            .toSorted();
          assert.deepEqual(
            await namesBy(tenant, `${path} ${operator} ${JSON.stringify(text)}`),
            expected,
            `${operator} ${JSON.stringify(text)}`,
          );
        }
      });
    }
  });
}
