// Courses: published to groups, playable for a time, new until the learner looks; and the badge that partners show.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type CourseLearner, type Courses, createCourses } from '../../../src/directory/courses/courses.ts';
import { createCourseRecords } from '../../../src/mongo/accounts/courses.ts';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';

let api: AdminServer;
let account: string;
let admin: Api;
beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account();
  admin = await api.administrator(account, 'customerAdministrator');
});
afterAll(() => api.stop());

const courses = (rest = '') => `/accounts/${account}/courses${rest}`;
const LINK = 'https://learn.example/tills';
const create = (more: object = {}) => admin('POST', courses(), { body: { title: 'Tills', link: LINK, ...more } });

async function tokenOf(slug: string): Promise<string> {
  const connection = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'CrewPlanner' } }));
  const made = await api.root('POST', `/accounts/${slug}/connections/${connection}/credentials`, { body: {} });
  return String(made.body.token);
}

describe('a course', () => {
  test('is created, read, changed and deleted', async () => {
    const group = idOf(await admin('POST', `/accounts/${account}/groups`, { body: { name: 'Cashiers' } }));
    const made = await create({ groups: ['cashiers'], language: 'nl-BE', publishedTo: '2030-01-01T00:00:00Z' });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.body.groups, made.body.language, made.body.version], [[group], 'nl-BE', 1]);
    const path = courses(`/${idOf(made)}`);
    const changed = await admin('PATCH', path, {
      body: { title: 'Tills 2', language: null, publishedTo: null, groups: [] },
    });
    assert.deepEqual(
      [changed.body.title, changed.body.language, changed.body.publishedTo, changed.body.groups, changed.body.version],
      ['Tills 2', undefined, undefined, [], 2],
    );
    const stale = await admin('PATCH', path, { body: { title: 'x' }, headers: { 'If-Match': 'W/"1"' } });
    assert.equal(stale.status, 412);
    const { body } = await admin('GET', path);
    assert.deepEqual([body.title, body.groups, body.version], ['Tills 2', [], 2]);
    assert.equal((await admin('DELETE', path)).status, 204);
    assert.equal((await admin('GET', path)).status, 404);
    assert.equal((await admin('DELETE', path)).status, 404);
  });

  test.each([
    ['a blank title', { title: ' ' }, 400, 'title'],
    ['a title that is too long', { title: 'x'.repeat(256) }, 400, 'title'],
    ['a link without https', { link: 'http://learn.example' }, 400, 'link'],
    ['a link that runs a script', { link: 'javascript:alert(1)' }, 400, 'link'],
    ['a link with a password', { link: 'https://a:b@learn.example' }, 400, 'link'],
    ['an unknown language', { language: 'klingonish!' }, 400, 'language'],
    [
      'an end before the beginning',
      { publishedFrom: '2026-02-01T00:00:00Z', publishedTo: '2026-01-01T00:00:00Z' },
      400,
      'publishedTo',
    ],
    ['a group that does not exist', { groups: ['nobody'] }, 404, 'group'],
    ['a date that is none', { publishedFrom: 'soon' }, 400, 'publishedFrom'],
  ])('is refused with %s', async (_what, more, status, field) => {
    const refusal = await create(more);
    assert.equal(refusal.status, status, refusal.text);
    assert.match(String(refusal.body.detail).toLowerCase(), new RegExp(field.toLowerCase()));
  });

  test('is of its own account only', async () => {
    const id = idOf(await create());
    const other = await api.account();
    assert.equal((await api.root('GET', `/accounts/${other}/courses/${id}`)).status, 404);
    assert.equal((await api.root('PATCH', `/accounts/${other}/courses/${id}`, { body: { title: 'x' } })).status, 404);
    assert.equal((await api.root('DELETE', `/accounts/${other}/courses/${id}`)).status, 404);
  });
});

describe('the badge', () => {
  test('counts the courses of the groups of a learner and of everybody', async () => {
    const slug = await api.account({ requiredData: 'report' });
    const made = async (path: string, body: object) =>
      idOf(await api.root('POST', `/accounts/${slug}${path}`, { body }));
    const user = person('learner', { externalId: 'crew 1 ö' });
    const id = await made('/users', user);
    await made('/groups', { name: 'Bakers', members: [id] });
    await made('/groups', { name: 'Butchers' });
    await made('/courses', { title: 'Bread', link: LINK, groups: ['Bakers'] });
    await made('/courses', { title: 'Meat', link: LINK, groups: ['Butchers'] });
    await made('/courses', { title: 'Tills', link: LINK });
    await made('/courses', { title: 'Later', link: LINK, publishedFrom: '2099-01-01T00:00:00Z' });
    await made('/courses', {
      title: 'Over',
      link: LINK,
      publishedFrom: '2020-01-01T00:00:00Z',
      publishedTo: '2021-01-01T00:00:00Z',
    });
    const path = `/learners/${encodeURIComponent('crew 1 ö')}/badge`;
    const headers = { Authorization: `Bearer ${await tokenOf(slug)}` };
    const badge = await api.anonymous('GET', path, { headers });
    assert.deepEqual([badge.status, badge.body], [200, { newCourses: 2 }], badge.text);
    const again = await api.anonymous('GET', path, {
      headers: { ...headers, 'If-None-Match': badge.headers.get('etag') ?? '' },
    });
    assert.deepEqual([again.status, again.text], [304, '']);
    await api.root('POST', `/accounts/${slug}/users/${id}/block`);
    assert.deepEqual((await api.anonymous('GET', path, { headers })).body, { newCourses: 0 });
  });

  test('is for the connections of the account', async () => {
    const path = '/learners/nobody/badge';
    const foreign = { Authorization: `Bearer ${await tokenOf(await api.account())}` };
    assert.equal((await api.anonymous('GET', path, { headers: foreign })).status, 404);
    assert.equal((await api.anonymous('GET', path)).status, 401);
    assert.equal((await api.anonymous('GET', path, { headers: { Authorization: 'Bearer mbt_none' } })).status, 401);
    assert.equal((await admin('GET', path)).status, 401);
  });
});

describe('what is new to a learner', () => {
  const PAGE = { limit: 100 };
  const LEARNER: CourseLearner = { account: 'acc_new', id: 'user-1', groups: ['g1'] };
  const caller = { account: { id: 'acc_new' } } as Parameters<Courses['create']>[0];
  let today = new Date('2026-03-01T09:00:00Z');
  let directory: Courses;
  const day = (date: string) => {
    today = new Date(`${date}T09:00:00Z`);
  };
  beforeAll(() => {
    const references = { groupId: async (_: unknown, id: string) => ({ ok: true as const, id }) };
    directory = createCourses({ records: createCourseRecords(api.server.database.db), references, now: () => today });
  });

  test('ends when the learner looks, and begins again with a further group or another date, not with another title', async () => {
    const published = await directory.create(caller, { title: 'One', link: LINK, groups: ['g1'] });
    const later = await directory.create(caller, {
      title: 'Two',
      link: LINK,
      publishedFrom: new Date('2026-03-05T00:00:00Z'),
    });
    const foreign = await directory.create(caller, { title: 'Three', link: LINK, groups: ['g2'] });
    assert.ok(published.ok && later.ok && foreign.ok);
    assert.equal(await directory.countNew(LEARNER), 1);
    assert.deepEqual(
      (await directory.look(LEARNER, PAGE)).map(({ title }) => title),
      ['One'],
    );
    assert.equal(await directory.countNew(LEARNER), 0);
    day('2026-03-06');
    assert.equal(await directory.countNew(LEARNER), 1);
    assert.deepEqual(
      (await directory.look(LEARNER, PAGE)).map(({ title }) => title),
      ['Two', 'One'],
    );
    day('2026-03-07');
    await directory.change(caller, published.value.id, undefined, { title: 'One, again' });
    assert.equal(await directory.countNew(LEARNER), 0);
    await directory.change(caller, foreign.value.id, undefined, { groups: ['g2', 'g1'] });
    assert.equal(await directory.countNew(LEARNER), 1);
    await directory.change(caller, published.value.id, undefined, { publishedFrom: new Date('2026-03-06T00:00:00Z') });
    assert.equal(await directory.countNew(LEARNER), 2);
    await directory.change(caller, published.value.id, undefined, { publishedTo: new Date('2026-03-07T09:00:00Z') });
    assert.equal(await directory.countNew(LEARNER), 1);
  });

  test('survives 20 changes at once', async () => {
    const made = await directory.create(caller, { title: 'Races', link: LINK, groups: ['g3'] });
    assert.ok(made.ok);
    const changes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        directory.change(caller, made.value.id, undefined, { title: `Race ${index}` }),
      ),
    );
    const done = changes.filter(({ ok }) => ok).length;
    assert.equal((await directory.course(caller, made.value.id))?.version, 1 + done);
    assert.ok(changes.every((change) => change.ok || change.faults[0].code === 'busy'));
  });
});
