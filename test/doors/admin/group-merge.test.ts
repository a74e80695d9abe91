// The merge of two groups: members with the origins of their links, IDs, courses and history; in steps; and what is refused.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { StoredUser } from '../../../src/directory/model.ts';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';
import { GROUP, MOBIETRAIN_GROUP, MOBIETRAIN_USER, patchBody, USER, userNamed } from '../../support/scim.ts';
import { until } from '../../support/until.ts';

let api: AdminServer;
let slug: string;
let admin: Api;
let token: string;
beforeAll(async () => {
  api = await openAdminServer();
  slug = await api.account();
  admin = await api.administrator(slug, 'customerAdministrator');
  const connection = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'HR' } }));
  const made = await api.root('POST', `/accounts/${slug}/connections/${connection}/credentials`, { body: {} });
  token = String(made.body.token);
});
afterAll(() => api.stop());

interface Recorded {
  subject: string;
  action: string;
  actor?: { kind: string };
  values?: { attribute: string; after?: string }[];
}

const at = (path: string) => `/accounts/${slug}${path}`;

function scim(method: string, path: string, body?: unknown) {
  return api.server.raw(api.server.base + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function group(name: string, more: object = {}): Promise<string> {
  const made = await admin('POST', at('/groups'), { body: { name, type: 'Department', ...more } });
  assert.equal(made.status, 201, made.text);
  return idOf(made);
}

const merge = (from: string, into: string, method = 'POST') => admin(method, at(`/groups/${from}/merge/${into}`));

async function stored(id: string): Promise<StoredUser> {
  const found = await api.server.database.db.collection<StoredUser>('users').findOne({ _id: id });
  assert.ok(found);
  return found;
}

describe('a merge of two groups', () => {
  test('moves members, IDs and courses, and is in the history of all three', async () => {
    const [from, into] = [await group('Sales'), await group('Selling')];
    const inline = {
      schemas: [USER, MOBIETRAIN_USER],
      ...userNamed('by-source'),
      [MOBIETRAIN_USER]: { userGroups: [{ value: 'hr-1', display: 'Sales', type: 'Department' }] },
    };
    const bySource = idOf(await scim('POST', '/Users', inline));
    const both = idOf(await admin('POST', at('/users'), { body: person('in-both') }));
    const other = idOf(await admin('POST', at('/users'), { body: person('in-into') }));
    await admin('POST', at(`/groups/${from}/members`), { body: { add: [both] } });
    await admin('POST', at(`/groups/${into}/members`), { body: { add: [both, other] } });
    const course = { title: 'Tills', link: 'https://learn.example/tills' };
    const alone = idOf(await admin('POST', at('/courses'), { body: { ...course, groups: [from] } }));
    const shared = idOf(await admin('POST', at('/courses'), { body: { ...course, groups: [into, from] } }));

    const preview = await merge(from, into, 'GET');
    assert.equal(preview.status, 200, preview.text);
    assert.deepEqual([preview.body.members, preview.body.courses, preview.body.ids], [2, 2, 1]);

    const merged = await merge(from, into);
    assert.equal(merged.status, 200, merged.text);
    assert.deepEqual([merged.body.moved, merged.body.done], [2, true]);
    assert.equal((await admin('GET', at(`/groups/${from}`))).status, 404);
    assert.equal((await merge(from, into)).status, 404);
    const members = (await admin('GET', at(`/users?group=${into}`))).body.items as { id: string }[];
    assert.deepEqual(members.map(({ id }) => id).sort(), [bySource, both, other].sort());
    assert.deepEqual(
      (await stored(both)).groups.map(({ to, origins }) => [to, origins]),
      [[into, ['admin']]],
    );
    const groupsOf = async (id: string) => (await admin('GET', at(`/courses/${id}`))).body.groups;
    assert.deepEqual([await groupsOf(alone), await groupsOf(shared)], [[into], [into]]);

    // The source that sends the ID means the group that stays, and may take its user out.
    const again = idOf(await scim('POST', '/Users', { ...inline, ...userNamed('later') }));
    assert.deepEqual(
      (await stored(again)).groups.map(({ to }) => to),
      [into],
    );
    const out = patchBody({ op: 'remove', path: `${MOBIETRAIN_USER}:userGroups[value eq "hr-1"]` });
    assert.equal((await scim('PATCH', `/Users/${bySource}`, out)).status, 200);
    assert.deepEqual((await stored(bySource)).groups, []);
  });

  test('is recorded with who did it, on both groups and on each member', async () => {
    const [from, into] = [await group('North'), await group('Northern')];
    const user = idOf(await admin('POST', at('/users'), { body: person('recorded') }));
    await admin('POST', at(`/groups/${from}/members`), { body: { add: [user] } });
    const { body } = await merge(from, into);
    assert.equal(body.done, true);
    const records = async (subject: string) => {
      const { items } = (await admin('GET', at('/audit?limit=100'))).body as { items: Recorded[] };
      return items.filter((record) => record.subject === subject);
    };
    // The relay moves records some moments after the change.
    const untilRecorded = (subject: string, what: string) =>
      until(
        () => records(subject),
        (found) => found.some(({ action }) => action === what),
      );
    await untilRecorded(from, 'delete');
    await untilRecorded(user, 'unlink');
    await untilRecorded(into, 'update');
    const gone = (await records(from)).find(({ action }) => action === 'delete');
    assert.equal(gone?.actor?.kind, 'administrator');
    assert.ok(gone?.values?.some(({ attribute, after }) => attribute === 'mergedInto' && after === '"Northern"'));
    const stays = (await records(into)).find(({ values }) =>
      values?.some(({ attribute }) => attribute === 'mergedFrom'),
    );
    assert.equal(stays?.actor?.kind, 'administrator');
    const moves = (await records(user)).filter(({ action }) => action === 'link' || action === 'unlink');
    assert.deepEqual(moves.map(({ action }) => action).sort(), ['link', 'link', 'unlink']);
  });

  test('keeps an ID that the client pushed with the group: the group that stays is found by it', async () => {
    const push = (displayName: string, externalId: string) =>
      scim('POST', '/Groups', {
        schemas: [GROUP, MOBIETRAIN_GROUP],
        displayName,
        externalId,
        [MOBIETRAIN_GROUP]: { groupType: 'Pushed' },
      });
    const [from, into] = [idOf(await push('East', 'obj-east')), idOf(await push('Eastern', 'obj-eastern'))];
    assert.equal((await merge(from, into)).body.done, true);
    assert.equal((await scim('GET', `/Groups/${from}`)).status, 404);
    assert.equal((await scim('GET', `/Groups/${into}`)).body.externalId, 'obj-eastern');
    const taken = await push('East', 'obj-east');
    assert.equal(taken.status, 409, taken.text);
    const user = idOf(
      await scim('POST', '/Users', {
        ...userNamed('from-the-east'),
        schemas: [USER, MOBIETRAIN_USER],
        [MOBIETRAIN_USER]: { userGroups: [{ value: 'obj-east' }] },
      }),
    );
    assert.deepEqual(
      (await stored(user)).groups.map(({ to }) => to),
      [into],
    );
  });

  test('of many members is done in steps, which are repeated until it is over', async () => {
    const [from, into] = [await group('Crowd'), await group('Mass')];
    const model = await stored(idOf(await admin('POST', at('/users'), { body: person('one-of-many') })));
    const users = api.server.database.db.collection<StoredUser>('users');
    const crowd = Array.from({ length: 2_300 }, (_, index): StoredUser => {
      const userName = `one-of-many-${index}`;
      const groups: StoredUser['groups'] = [{ to: from, origins: ['admin'] }];
      if (index % 2 === 0) groups.push({ to: into, origins: ['push:other'], primary: true });
      return {
        ...model,
        _id: randomUUID(),
        data: { ...model.data, userName, externalId: userName },
        fold: { ...model.fold, userName },
        groups,
        changes: [],
      };
    });
    await users.insertMany(crowd);
    const steps: [unknown, unknown][] = [];
    for (let isOver = false; !isOver; ) {
      const { status, body, text } = await merge(from, into);
      assert.equal(status, 200, text);
      steps.push([body.moved, body.done]);
      isOver = body.done === true;
      if (!isOver) assert.equal((await admin('GET', at(`/groups/${from}`))).status, 200);
    }
    assert.deepEqual(steps, [
      [1000, false],
      [1000, false],
      [300, true],
    ]);
    assert.equal(await users.countDocuments({ 'groups.to': from }), 0);
    assert.equal(await users.countDocuments({ 'groups.to': into }), 2_300);
    const [joined, moved] = [await stored(crowd[0]?._id ?? ''), await stored(crowd[1]?._id ?? '')];
    assert.deepEqual(joined.groups, [{ to: into, origins: ['admin', 'push:other'], primary: true }]);
    assert.deepEqual(moved.groups, [{ to: into, origins: ['admin'] }]);
    assert.deepEqual([joined.version, moved.version], [model.version + 1, model.version + 1]);
  });

  test('loses no member who joins during it', async () => {
    const [from, into] = [await group('Busy'), await group('Busier')];
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => admin('POST', at('/users'), { body: person(`joins-${index}`) })),
    );
    const ids = made.map(idOf);
    const results = await Promise.all([
      ...ids.map((id) => admin('POST', at(`/groups/${from}/members`), { body: { add: [id] } })),
      merge(from, into),
    ]);
    const merged = results.pop();
    assert.ok(merged && [200, 503].includes(merged.status), merged?.text);
    const joined = ids.filter((_, index) => results[index]?.status === 200);
    const members = (await admin('GET', at(`/users?group=${merged.status === 200 ? into : from}`))).body.items;
    assert.deepEqual((members as { id: string }[]).map(({ id }) => id).sort(), joined.sort());
  });

  test('is refused for other types, itself, derived groups, strangers, and roles without the right', async () => {
    const [from, course] = [await group('West'), await group('Western', { type: 'Course' })];
    const refusal = await merge(from, course);
    assert.equal(refusal.status, 400);
    assert.match(String(refusal.body.detail), /same type \("Department", not "Course"\)/);
    assert.equal((await merge(from, from)).status, 400);
    assert.equal((await merge(from, 'nobody')).status, 404);
    assert.equal((await merge('nobody', from)).status, 404);
    const rule = { derivedGroups: [{ attribute: 'enterprise.department', groupType: 'Department' }] };
    assert.equal((await api.root('PATCH', `/accounts/${slug}`, { body: rule })).status, 200);
    const body = person('derived', { department: 'Tills' });
    const user = await admin('POST', at('/users'), { body });
    assert.equal(user.status, 201, user.text);
    const { items } = (await admin('GET', at('/groups?search=Tills'))).body as {
      items: { id: string; derived: boolean }[];
    };
    const derived = items.find((one) => one.derived)?.id ?? '';
    for (const pair of [
      [derived, from],
      [from, derived],
    ] as const) {
      const answer = await merge(...pair);
      assert.equal(answer.status, 400, answer.text);
      assert.match(String(answer.body.detail), /members of Tills follow an attribute/);
    }
    const elsewhere = await api.account();
    const stranger = await api.administrator(elsewhere, 'customerAdministrator');
    const theirs = idOf(
      await stranger('POST', `/accounts/${elsewhere}/groups`, { body: { name: 'Theirs', type: 'Department' } }),
    );
    assert.equal((await merge(from, theirs)).status, 404);
    assert.equal((await merge(theirs, from)).status, 404);
  });
});
