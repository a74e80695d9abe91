// One history over all doors: who did what with a person, found by what an administrator has in hand, also if it was refused.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer } from '../support/admin.ts';
import { block, documentOf } from '../support/batch.ts';
import type { Answer } from '../support/http-client.ts';
import { patchBody, USER } from '../support/scim.ts';
import { runEnded, until } from '../support/until.ts';

interface Entry {
  at: string;
  request?: Record<string, unknown> & { method: string; path: string; status: number; actor?: { name?: string } };
  change?: Record<string, unknown> & { action: string; actor?: { kind: string; id: string; name?: string } };
}

let api: AdminServer;
let slug: string;
let send: Api;
let token: string;
let credential: string;
let connection: string;
const at = (path: string) => `/accounts/${slug}${path}`;
const scim = (method: string, path: string, body?: unknown, bearer = token): Promise<Answer> =>
  api.server.call(method, path, body, { Authorization: `Bearer ${bearer}` });

beforeAll(async () => {
  api = await openAdminServer();
  slug = await api.account({ requiredData: 'report' });
  send = await api.administrator(slug, 'customerAdministrator');
  connection = idOf(await api.root('POST', at('/connections'), { body: { name: 'entra' } }));
  const made = await api.root('POST', at(`/connections/${connection}/credentials`), { body: { name: 'nightly' } });
  token = String(made.body.token);
  credential = idOf(made);
});
afterAll(() => api.stop());

async function history(path: string): Promise<Entry[]> {
  const { status, body, text } = await send('GET', at(path));
  assert.equal(status, 200, text);
  return body.items as Entry[];
}

/** Waits until what was done is in the history. */
const untilThere = (path: string, isThere: (entries: Entry[]) => boolean) => until(() => history(path), isThere);

const person = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  externalId: `ext-${userName}`,
  emails: [{ value: `${userName}@example.com` }],
  ...more,
});

describe('a person who was created, read and changed over two doors', () => {
  let id: string;
  beforeAll(async () => {
    id = String((await scim('POST', '/Users', person('ann', { title: 'Baker' }))).body.id);
    await scim('GET', `/Users/${id}`);
    await scim('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'title', value: 'Chief baker' }));
    await send('PATCH', at(`/users/${id}`), {
      body: { emails: [{ value: 'ann@new.example' }], externalId: 'ext-new' },
    });
    await send('POST', at(`/users/${id}/block`));
  });

  test('has one history, newest first, without reads', async () => {
    const entries = await untilThere(
      `/users/${id}/history`,
      (found) => found.filter(({ change }) => change).length >= 4 && found.filter(({ request }) => request).length >= 4,
    );
    const times = entries.map((entry) => entry.at);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.ok(entries.every(({ request }) => request?.method !== 'GET'));
    const withReads = await history(`/users/${id}/history?reads=true`);
    assert.ok(withReads.some(({ request }) => request?.method === 'GET'));
  });

  test('shows who changed what, before and after', async () => {
    const entries = await history(`/users/${id}/history`);
    const changes = entries.flatMap(({ change }) => change ?? []);
    const title = changes.find(({ attributes }) => (attributes as string[] | undefined)?.includes('title'));
    assert.deepEqual(title?.values, [{ attribute: 'title', before: '"Baker"', after: '"Chief baker"' }]);
    assert.deepEqual(title?.actor, { kind: 'token', id: credential, name: 'entra (nightly)' });
    const emails = changes.find(({ attributes }) => (attributes as string[] | undefined)?.includes('emails'));
    const values = emails?.values as { attribute: string; before: string; after: string }[];
    assert.deepEqual(
      values.find(({ attribute }) => attribute === 'externalId'),
      {
        attribute: 'externalId',
        before: '"ex…"',
        after: '"ex…"',
      },
    );
    assert.match(values.find(({ attribute }) => attribute === 'emails')?.after ?? '', /ann@new/);
    assert.equal(emails?.actor?.kind, 'administrator');
    const admin = entries.find(({ request }) => request?.door === 'admin');
    assert.match(admin?.request?.actor?.name ?? '', /^customeradministrator-.*@example.com$/);
    const blocked = changes.find(({ attributes }) => (attributes as string[] | undefined)?.includes('blocked'));
    assert.deepEqual(blocked?.values, [{ attribute: 'blocked', before: 'false', after: 'true' }]);
  });

  test('shows with which values they were created, masked like those of a change', async () => {
    const created = (await history(`/users/${id}/history`)).flatMap(({ change }) => change ?? []).at(-1);
    assert.equal(created?.action, 'create');
    const values = created?.values as { attribute: string; before?: string; after?: string }[];
    const of = (name: string) => values.find(({ attribute }) => attribute === name);
    assert.deepEqual(of('title'), { attribute: 'title', after: '"Baker"' });
    assert.deepEqual(of('externalId'), { attribute: 'externalId', after: '"ex…"' });
    assert.equal(of('password'), undefined);
  });

  test('is found by current and former identities, in pages', async () => {
    const all = await history(`/users/${id}/history`);
    for (const search of [id, 'ANN', 'ann@example.com', 'ann@new.example', 'ext-ann', 'ext-new'])
      assert.ok((await history(`/history?search=${encodeURIComponent(search)}`)).length >= all.length, search);
    const paged: Entry[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await send('GET', at(`/users/${id}/history?limit=2${cursor}`));
      paged.push(...(body.items as Entry[]));
      if (typeof body.next !== 'string') break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    assert.deepEqual(paged.map(idOfEntry).sort(), all.map(idOfEntry).sort());
    assert.deepEqual(await history('/history?search=nobody.was.here'), []);
  });

  test('is in the audit trail of the account', async () => {
    const { items } = (await send('GET', at('/audit?limit=500'))).body as { items: { subject: string }[] };
    assert.ok(items.filter(({ subject }) => subject === id).length >= 4);
    const other = await api.account();
    assert.deepEqual((await api.root('GET', `/accounts/${other}/audit`)).body.items, []);
    assert.deepEqual((await api.root('GET', `/accounts/${other}/history?search=${id}`)).body.items, []);
  });

  test('leaves no values in the audit trail after an erasure', async () => {
    assert.equal((await send('POST', at(`/users/${id}/erase`))).status, 200);
    const { items } = (await send('GET', at('/audit?limit=500'))).body as { items: { subject: string }[] };
    const theirs = items.filter(({ subject }) => subject === id);
    assert.ok(theirs.length >= 4 && !JSON.stringify(theirs).includes('aker'), JSON.stringify(theirs));
  });
});

describe('a group and a store', () => {
  const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
  const valuesOf = async (subject: string) => {
    for (let asked = 0; asked < 100; asked += 1) {
      const { items } = (await send('GET', at('/audit?limit=500'))).body as {
        items: { subject: string; action: string; values?: object[] }[];
      };
      const theirs = items.filter((item) => item.subject === subject);
      if (theirs.length >= 3) return theirs.map(({ action, values }) => [action, values]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(
      `The audit trail lacks changes: ${JSON.stringify((await send('GET', at('/audit?limit=20'))).body)}`,
    );
  };

  test('show in the audit trail with which values they were created, changed and deleted', async () => {
    const made = await scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Tills', externalId: 'g-1' });
    const group = String(made.body.id);
    await scim('PATCH', `/Groups/${group}`, patchBody({ op: 'replace', path: 'displayName', value: 'Checkout' }));
    await scim('DELETE', `/Groups/${group}`);
    assert.deepEqual(await valuesOf(group), [
      [
        'delete',
        [
          { attribute: 'name', before: '"Checkout"' },
          { attribute: 'externalId', before: '"g-1"' },
          { attribute: 'claimed', before: 'true' },
        ],
      ],
      ['update', [{ attribute: 'name', before: '"Tills"', after: '"Checkout"' }]],
      [
        'create',
        [
          { attribute: 'name', after: '"Tills"' },
          { attribute: 'externalId', after: '"g-1"' },
          { attribute: 'claimed', after: 'true' },
        ],
      ],
    ]);
    const opened = await send('POST', at('/stores'), { body: { refId: 'S-77', name: 'Ghent', country: '32' } });
    assert.equal(opened.status, 201, opened.text);
    const store = String(opened.body.id);
    await send('PATCH', at(`/stores/${store}`), { body: { name: 'Ghent South' } });
    assert.equal((await send('DELETE', at(`/stores/${store}`))).status, 204);
    assert.deepEqual(await valuesOf(store), [
      [
        'delete',
        [
          { attribute: 'refId', before: '"S-77"' },
          { attribute: 'name', before: '"Ghent South"' },
          { attribute: 'country', before: '"32"' },
        ],
      ],
      ['update', [{ attribute: 'name', before: '"Ghent"', after: '"Ghent South"' }]],
      [
        'create',
        [
          { attribute: 'refId', after: '"S-77"' },
          { attribute: 'name', after: '"Ghent"' },
          { attribute: 'country', after: '"32"' },
        ],
      ],
    ]);
  });
});

describe('the sources of a user', () => {
  const STORE = { value: 'S-1', display: 'Ghent', country: '32' };
  const EXTENSION = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';

  test('name the connection of each attribute and link, and who changed the status last', async () => {
    const made = await scim(
      'POST',
      '/Users',
      person('bea', { title: 'Baker', active: true, [EXTENSION]: { stores: [STORE] } }),
    );
    const id = String(made.body.id);
    const group = idOf(await send('POST', at('/groups'), { body: { name: 'Bakers', members: [id] } }));
    await send('PATCH', at(`/users/${id}`), { body: { title: 'Chief baker' } });
    await scim('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'active', value: false }));
    await send('POST', at(`/users/${id}/block`));
    await untilThere(`/users/${id}/history`, (entries) =>
      entries.some(({ change }) => String(change?.attributes) === 'blocked'),
    );
    const { body, text } = await send('GET', at(`/users/${id}/sources`));
    const attributes = body.attributes as { attribute: string; connection: { name: string } }[];
    const writerOf = (name: string) => attributes.find(({ attribute }) => attribute === name)?.connection.name;
    assert.equal(writerOf('userName'), 'entra', text);
    assert.equal(writerOf('title'), 'Administrators', text);
    const [store] = body.stores as { id: string; at: string }[];
    const since = { at: store?.at, request: made.headers.get('x-request-id'), door: 'scim' };
    assert.match(String(since.at), /^\d{4}-.*Z$/);
    assert.deepEqual(store, {
      ...since,
      id: store?.id,
      name: 'Ghent',
      origins: [{ kind: 'inline', connection: { id: connection, name: 'entra' } }],
    });
    const [link] = body.groups as { at: string; request: string }[];
    const linked = { id: group, name: 'Bakers', origins: [{ kind: 'administrator' }], door: 'admin' };
    assert.deepEqual(body.groups, [{ ...linked, at: link?.at, request: link?.request }], text);
    assert.ok(link?.at && link.request, text);
    const { active, blocked } = body.status as Record<string, NonNullable<Entry['change']>>;
    assert.equal(active?.actor?.name, 'entra (nightly)');
    assert.match(blocked?.actor?.name ?? text, /^customeradministrator-.*@example.com$/);
  });

  test('cannot be read from another account', async () => {
    const other = await api.account();
    const id = String((await scim('POST', '/Users', person('cid'))).body.id);
    assert.equal((await api.root('GET', `/accounts/${other}/users/${id}/sources`)).status, 404);
  });
});

function idOfEntry({ request, change }: Entry): string {
  return String(request?.id ?? change?.id);
}

describe('a person who was refused', () => {
  test('over SCIM is found by what the request named', async () => {
    const refused = await scim('POST', '/Users', { ...person('eve'), emails: 7 });
    assert.equal(refused.status, 400);
    for (const search of ['eve', 'EXT-EVE']) {
      const [entry] = await untilThere(`/history?search=${search}`, (found) => found.length > 0);
      assert.equal(entry?.request?.status, 400);
      assert.match(JSON.stringify(entry?.request?.faults), /emails/);
    }
  });

  test('in a row of a file is found, with the run and the reason', async () => {
    const file = `Uid;FirstName;LastName;Email;Title\r\nfay;Fay;Row;fay@example.com;${'x'.repeat(60)}\r\n`;
    const made = await send('POST', at('/imports/csv'), { body: file, headers: { 'Content-Type': 'text/csv' } });
    assert.equal(made.status, 202, made.text);
    const [entry] = await untilThere('/history?search=fay@example.com', (found) =>
      found.some(({ request }) => request?.method === 'ROW'),
    );
    assert.equal(entry?.request?.path, `/imports/${idOf(made)}/rows/1`);
    assert.match(JSON.stringify(entry?.request?.faults), /Title/);
  });

  test('in a block of a batch is found, with the codes and sentences of its review', async () => {
    const file = documentOf(block({ UserId: 'gus', CountryCode: 'Narnia' }));
    const headers = { 'Content-Type': 'application/xml' };
    const made = await send('POST', at('/imports/xml?fileset=nightly'), { body: file, headers });
    await runEnded(send, at('/imports'), made);
    const found = await untilThere('/history?search=gus', (entries) =>
      entries.some(({ request }) => request?.method === 'ROW'),
    );
    const faults = found.find(({ request }) => request?.method === 'ROW')?.request?.faults as {
      code: string;
      error: string;
      detail: string;
    }[];
    assert.deepEqual(
      faults.map(({ code, error }) => [code, error]),
      [
        ['required', 'USER_NAME_REQUIRED'],
        ['required', 'USER_EMAIL_REQUIRED'],
        ['required', 'USER_LANGUAGE_REQUIRED'],
        ['invalidValue', 'INVALID_COUNTRY_CODE'],
      ],
    );
    const { items } = (await send('GET', at(`/imports/${idOf(made)}/rows`))).body;
    const [row] = items as { faults: { code: string; error: string; words: string }[] }[];
    assert.deepEqual(
      faults,
      // What the file says is quoted in the review only.
      row?.faults.map(({ code, error, words }) => ({ code, error, detail: words.replace(/"[^"]*"/g, '"…"') })),
    );
    assert.equal(faults[0]?.detail, 'No user name was included.');
  });
});

describe('a refused credential', () => {
  const refusedRequests = () => api.server.database.db.collection('refusedRequests');

  test('that was revoked leaves an event of its account, which says why', async () => {
    const made = await api.root('POST', at(`/connections/${connection}/credentials`), { body: { name: 'old' } });
    const revoked = await api.root('DELETE', at(`/credentials/${idOf(made)}`));
    assert.ok(revoked.status < 300, revoked.text);
    assert.equal((await scim('GET', '/Users', undefined, String(made.body.token))).status, 401);
    for (let looks = 0; looks < 50; looks += 1) {
      const { items } = (await send('GET', at('/events?failed=true'))).body as {
        items: { credential: string; faults: { code: string; detail: string }[]; actor: { name: string } }[];
      };
      const event = items.find(({ credential: id }) => id === idOf(made));
      if (event) {
        assert.equal(event.faults[0]?.code, 'revoked');
        assert.match(event.faults[0]?.detail ?? '', /Create a new one/);
        assert.equal(event.actor.name, 'entra (old)');
        return;
      }
      await sleep(100);
    }
    assert.fail('no event');
  });

  test('that was never valid leaves a count by address and minute, and no event', async () => {
    const events = api.server.database.db.collection('events');
    const before = await events.countDocuments({ account: { $exists: false } });
    const unknown = `mbt_WXYZ${'a1'.repeat(20)}`;
    for (let request = 0; request < 5; request += 1) {
      assert.equal((await scim('GET', '/Users', undefined, unknown)).status, 401);
      assert.equal((await api.server.raw('/Users')).status, 401);
      assert.equal((await api.withToken(unknown)('GET', '/accounts')).status, 401);
    }
    let found: { door: string; reason: string; hint?: string; count: number }[] = [];
    for (let looks = 0; looks < 50; looks += 1) {
      found = await refusedRequests().find<(typeof found)[number]>({}).toArray();
      if (found.reduce((total, { count }) => total + count, 0) >= 15) break;
      await sleep(100);
    }
    const countOf = (door: string, reason: string) =>
      found.filter((one) => one.door === door && one.reason === reason).reduce((total, { count }) => total + count, 0);
    assert.deepEqual([countOf('scim', 'unknown'), countOf('scim', 'missing'), countOf('admin', 'unknown')], [5, 5, 5]);
    assert.ok(found.some(({ hint }) => hint === 'mbt_WXYZ') && !JSON.stringify(found).includes('a1a1'));
    assert.equal(await events.countDocuments({ account: { $exists: false } }), before);
  });
});
