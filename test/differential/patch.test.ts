// PATCH, applied by the server's protocol and by SCIMMY: what both accept must leave the same user (RFC 7644 §3.5.2). SCIMMY is a
// second opinion and no authority. Left out of the operations is what it does otherwise than the RFC: a complex value that is
// replaced in part (it drops the rest), a second primary element (it keeps two), types that are not canonical and "True" (it refuses
// them), a value that is there already (it is added twice), and filters that name no element.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Messages, Schemas } from 'scimmy';
import { applyUserPatch, parsePatch } from '../../src/doors/scim/protocol/patch/patch.ts';
import { plain, USER_SCHEMA, userView } from '../doors/scim/protocol/fixture.ts';
import { patchBody } from '../support/scim.ts';

const REQUESTS = 400;
const SEED = 20_261_125;
const COMPARED = ['userName', 'name', 'title', 'displayName', 'nickName', 'userType', 'active', 'emails'] as const;

type User = Partial<Record<(typeof COMPARED)[number], unknown>>;
interface Operation {
  op: string;
  path?: string;
  value?: unknown;
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'k', 'z'), minLength: 1, maxLength: 4 });
const simple = fc.constantFrom('title', 'displayName', 'nickName', 'userType', 'name.givenName', 'name.familyName');
const type = fc.constantFrom('work', 'home', 'other');
const verb = fc.constantFrom('add', 'Add', 'replace', 'Replace');
const emails = fc
  .uniqueArray(fc.record({ type, value: text.map((local) => `${local}@example.com`) }), {
    selector: (email) => email.type,
  })
  .filter((list) => new Set(list.map(({ value }) => value)).size === list.length);

const user: fc.Arbitrary<User> = fc
  .record(
    {
      name: fc.record({ givenName: text, familyName: text }),
      title: text,
      displayName: text,
      nickName: text,
      userType: text,
      active: fc.boolean(),
      emails: emails.filter((list) => list.length > 0),
    },
    { requiredKeys: ['name'] },
  )
  .map((attributes) => ({ userName: 'ann', ...attributes }));

/** Of new addresses no two are alike: the number of the operation is in them. */
const operation = fc.oneof(
  fc.record({ op: verb, path: simple, value: text }),
  fc.record({ op: verb, path: fc.constant('active'), value: fc.boolean() }),
  fc.record({ op: fc.constant('remove'), path: fc.constantFrom('title', 'displayName', 'nickName', 'userType') }),
  fc.record({ op: verb, value: fc.record({ title: text, nickName: text }, { requiredKeys: [] }) }),
  fc.record({ op: fc.constant('add'), path: fc.constant('name'), value: fc.record({ givenName: text }) }),
  fc.record({
    op: fc.constantFrom('add', 'replace'),
    path: fc.constant('emails'),
    value: fc.tuple(fc.record({ type, value: fc.constant('?') })),
  }),
  fc.record({ op: fc.constant('remove'), path: fc.constant('emails') }),
  fc.record({ op: fc.constant('remove'), path: type.map((of) => `emails[type eq "${of}"]`) }),
  fc.record({ op: verb, path: type.map((of) => `emails[type eq "${of}"].value`), value: fc.constant('?') }),
  fc.record({ op: verb, path: type.map((of) => `emails[type eq "${of}"].display`), value: text }),
);
const operations: fc.Arbitrary<Operation[]> = fc
  .array(operation, { minLength: 1, maxLength: 5 })
  .map((list) =>
    list.map((each, index) => JSON.parse(JSON.stringify(each).replace('"?"', `"n${index}@example.com"`)) as Operation),
  );

function compared(attributes: Record<string, unknown>): User {
  const kept = COMPARED.filter((name) => attributes[name] !== undefined && attributes[name] !== null);
  return plain(Object.fromEntries(kept.map((name) => [name, attributes[name]]))) as User;
}

/** What an attempt comes to; undefined if it was refused. */
async function unlessRefused<T>(attempt: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof Error && 'scimType' in error) return undefined;
    throw error;
  }
}

test('the server and SCIMMY leave the same user', async () => {
  let agreed = 0;
  await fc.assert(
    fc.asyncProperty(user, operations, async (before, steps) => {
      const body = patchBody(...steps);
      const ours = await unlessRefused(
        () => applyUserPatch(userView(before), parsePatch(body, USER_SCHEMA)).attributes,
      );
      const source = new Schemas.User({ ...before });
      const theirs = await unlessRefused(
        async () => (await new Messages.PatchOp(body as never).apply(source)) ?? source,
      );
      fc.pre(ours !== undefined && theirs !== undefined);
      assert.deepEqual(compared(ours), compared(plain(theirs) as Record<string, unknown>));
      agreed += 1;
    }),
    { numRuns: REQUESTS, seed: SEED, maxSkipsPerRun: 5 },
  );
  assert.ok(agreed >= REQUESTS);
});
