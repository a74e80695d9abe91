// Changes of one group that wait for each other share a transaction: each keeps its own outcome, version and records.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Outcome } from '../../src/directory/faults.ts';
import type { Caller, GroupRevision, GroupView } from '../../src/directory/model.ts';
import { emptyAttributes } from '../../src/directory/schema/schema.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

async function newUser(caller: Caller, userName: string): Promise<string> {
  const draft = Object.assign(emptyAttributes(), { userName });
  const made = await directory.provision.createUser(caller, draft);
  assert.ok(made.ok);
  return made.value.id;
}

async function newGroup(name: string): Promise<string> {
  const draft = Object.assign(emptyAttributes(), { displayName: name });
  const made = await directory.provision.createGroup(directory.caller(), draft, []);
  assert.ok(made.ok);
  return made.value.id;
}

/** Each call is a request of its own. */
function change(group: string, add: string[], remove: string[] = []): Promise<Outcome<GroupView>> {
  return directory.provision.updateGroup(directory.caller(), group, undefined, (current) => ({
    ok: true,
    revision: {
      mode: 'patch',
      attributes: current.attributes,
      stated: new Set(),
      members: { kind: 'delta', add, remove },
    } satisfies GroupRevision,
  }));
}

async function membersOf(group: string): Promise<string[]> {
  const members: string[] = [];
  for await (const batch of directory.lookup.members(directory.caller(), group)) {
    members.push(...batch.map((member) => member.id));
  }
  return members;
}

describe('changes of one group at once', () => {
  test('each gets its own version; a refused one does not affect the others; one that changes nothing does not count', async () => {
    const group = await newGroup('together');
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, index) => newUser(directory.caller(), `together-${index}`)),
    );
    const known = users.slice(0, 18);
    const outcomes = await Promise.all([
      change(group, [users[18] as string]),
      ...known.map((id) => change(group, [id])),
      change(group, [users[19] as string, '00000000-0000-7000-8000-000000000000']),
      change(group, [], [users[19] as string]),
    ]);
    const refusal = outcomes.at(-2);
    assert.ok(refusal && !refusal.ok);
    assert.deepEqual(
      refusal.faults.map(({ code, path }) => [code, path]),
      [['memberNotFound', 'members']],
    );
    const rest = outcomes.at(-1);
    assert.ok(rest?.ok && rest.effect === 'unchanged');
    const versions = outcomes.slice(0, 19).map((outcome) => (outcome.ok ? outcome.value.version : 0));
    assert.deepEqual(
      [...versions].sort((a, b) => a - b),
      Array.from({ length: 19 }, (_, index) => index + 2),
    );
    assert.deepEqual((await membersOf(group)).sort(), [...known, users[18]].sort());
    const read = await directory.lookup.group(directory.caller(), group);
    assert.equal(read?.version, 20);
  });

  test('every request that changed something is recorded, with the group and with its members', async () => {
    const group = await newGroup('recorded');
    const users = await Promise.all(
      Array.from({ length: 6 }, (_, index) => newUser(directory.caller(), `recorded-${index}`)),
    );
    await Promise.all(users.map((id) => change(group, [id])));
    const stored = await directory.db
      .collection<{ _id: string; changes: { request: string; action: string }[] }>('groups')
      .findOne({ _id: group });
    const updates = stored?.changes.filter(({ action }) => action === 'update') ?? [];
    assert.equal(new Set(updates.map(({ request }) => request)).size, 6);
    const linked = await directory.db
      .collection<{ _id: string; changes: { request: string; action: string }[] }>('users')
      .find({ 'groups.to': group })
      .toArray();
    const links = linked.flatMap(({ changes }) => changes.filter(({ action }) => action === 'link'));
    assert.deepEqual(links.map(({ request }) => request).sort(), updates.map(({ request }) => request).sort());
  });

  test('adds and removals of the same user go one after the other', async () => {
    const group = await newGroup('back and forth');
    const id = await newUser(directory.caller(), 'back-and-forth');
    const outcomes = await Promise.all([
      change(group, [id]),
      change(group, [], [id]),
      change(group, [id]),
      change(group, [], [id]),
    ]);
    assert.ok(outcomes.every((outcome) => outcome.ok && outcome.effect === 'updated'));
    assert.deepEqual(await membersOf(group), []);
    const read = await directory.lookup.group(directory.caller(), group);
    assert.equal(read?.version, 5);
  });

  test('changes of a group that is gone are all refused', async () => {
    const group = await newGroup('gone');
    const users = await Promise.all(
      Array.from({ length: 4 }, (_, index) => newUser(directory.caller(), `gone-${index}`)),
    );
    const [removal, ...outcomes] = await Promise.all([
      directory.provision.deleteGroup(directory.caller(), group, undefined),
      ...users.map((id) => change(group, [id])),
    ]);
    assert.ok(removal?.ok);
    for (const outcome of outcomes) {
      if (!outcome.ok)
        assert.deepEqual(
          outcome.faults.map(({ code }) => code),
          ['notFound'],
        );
    }
    assert.ok(outcomes.some((outcome) => !outcome.ok));
  });
});
