// A request, or several, for every operation of the admin API: with each query parameter that leads to another query. An operation that
// has none fails the test that runs them.

import assert from 'node:assert/strict';
import { type Api, type ApiCall, cookieOf, idOf, invitee, person } from './admin.ts';
import type { ExplainedAccount } from './explained.ts';
import type { Answer } from './http-client.ts';
import type { MayRead } from './profiler.ts';
import { until } from './until.ts';

export interface Setting {
  account: ExplainedAccount;
  /** Below the account, as its administrator; anything but success fails. */
  send: Api;
  /** The same, as the System Administrator: org units are theirs. */
  above: Api;
  /** From the base, as the System Administrator. */
  root: Api;
  anonymous: Api;
  /** From the base, as the System Administrator, whatever the answer is. */
  tries: Api;
  /** With the access token of a learner who is signed in. */
  learner: Api;
}

export interface Sample {
  run: (setting: Setting) => Promise<unknown>;
  mayRead?: MayRead;
}

let count = 0;
function next(): string {
  count += 1;
  return `sample-${count}`;
}

const made = async (send: Api, path: string, body: unknown) => idOf(await send('POST', path, { body }));
const newUser = (send: Api) => made(send, '/users', person(next()));
/** An account has at most two secrets, so the sample takes away what it made. */
async function withLinkSecret({ send }: Setting): Promise<void> {
  await send('DELETE', `/link-secrets/${await made(send, '/link-secrets', undefined)}`);
}
/** An attribute that is added, changed and removed: an account has at most thirty. */
async function withAttribute({ send }: Setting): Promise<void> {
  await send('POST', '/attributes', { body: { name: 'sampled' } });
  await send('PATCH', '/attributes/sampled', { body: { description: 'A sample' } });
  await send('DELETE', '/attributes/sampled');
}
/** The values of an attribute are removed from all who have one: nobody adds or removes attributes often. */
const EVERY_USER: MayRead = { users: 'values are looked for in all users of the account' };
const newCourse = (send: Api) => made(send, '/courses', { title: next(), link: 'https://example.com/course' });
const newSetupLink = async (send: Api) =>
  made(send, `/connections/${await made(send, '/connections', { name: next() })}/setup-links`, {});
const newClient = (send: Api) => made(send, '/clients', { name: next(), redirectUris: ['https://app.example/in'] });
const newGroup = (send: Api) => made(send, '/groups', { name: next() });
/** Two stores of which one has a user: the user moves, and the empty store is removed. */
async function mergeOfStores(send: Api, method: string): Promise<void> {
  const [from, into] = [next(), next()];
  const store = (refId: string) => made(send, '/stores', { refId, name: refId, country: '32' });
  const path = `/stores/${await store(from)}/merge/${await store(into)}`;
  await made(send, '/users', { ...person(next()), stores: [{ refId: from }] });
  await send(method, path);
}
const newInvitation = async (send: Api) => made(send, '/invitations', invitee(next(), await newGroup(send)));

const TEMPLATE = { subject: 'Your password', text: 'Set it:\n\n{url}' };

/** Lists with each of these queries. */
const lists = (path: string, ...queries: string[]): Sample => ({
  run: async ({ send }) => {
    for (const query of ['', ...queries]) await pages(send, path, query);
  },
});

/** The first page, and the one behind it. */
export async function pages(send: Api, path: string, query: string): Promise<void> {
  const { body } = await send('GET', `${path}?limit=5${query === '' ? '' : `&${query}`}`);
  if (typeof body.next === 'string')
    await send('GET', `${path}?limit=5&cursor=${encodeURIComponent(body.next)}${query === '' ? '' : `&${query}`}`);
}

const on = (make: (send: Api) => Promise<string>, method: string, path: string, body?: unknown): Sample => ({
  run: async ({ send }) => send(method, path.replace('{id}', await make(send)), body === undefined ? {} : { body }),
});

const catalogue = (path: string, one: string, many: string): Record<string, Sample> => ({
  [`list${many}`]: {
    run: async ({ above: send }) => {
      for (let entries = 0; entries < 12; entries += 1) await made(send, `/${path}`, { code: next() });
      for (const query of ['', 'search=sample-']) await pages(send, `/${path}`, query);
    },
  },
  [`create${one}`]: { run: ({ above }) => made(above, `/${path}`, { code: next() }) },
  [`read${one}`]: {
    run: async ({ above }) => above('GET', `/${path}/${await made(above, `/${path}`, { code: next() })}`),
  },
  [`change${one}`]: {
    run: async ({ above }) =>
      above('PATCH', `/${path}/${await made(above, `/${path}`, { code: next() })}`, { body: { name: next() } }),
  },
  [`delete${one}`]: {
    run: async ({ above }) => above('DELETE', `/${path}/${await made(above, `/${path}`, { code: next() })}`),
  },
});

const newAdministrator = (send: Api, role = 'learner') =>
  made(send, '/administrators', { email: `${next()}@example.com`, name: 'New', role });

function administrators(infix: '' | 'System', role: string): Record<string, Sample> {
  const sender = ({ send, root }: Setting) => (infix === '' ? send : root);
  const sample = (work: (send: Api) => Promise<unknown>): Sample => ({ run: (setting) => work(sender(setting)) });
  const onNew = (method: string, body?: unknown, below = '') =>
    sample(async (send) =>
      send(method, `/administrators/${await newAdministrator(send, role)}${below}`, body === undefined ? {} : { body }),
    );
  /** Ends the first session or token of a new administrator who has signed in. */
  const withCredential = (kind: 'sessions' | 'tokens'): Sample => ({
    run: async (setting) => {
      const send = sender(setting);
      const [email, password] = [`${next()}@example.com`, 'the secret of a person'];
      const id = await made(send, '/administrators', { email, name: 'New', role, password });
      const headers = await signedInHeaders(setting, email, password);
      await setting.anonymous('POST', '/session/tokens', { body: { name: next() }, headers });
      const { items } = (await send('GET', `/administrators/${id}/${kind}`)).body;
      await send('DELETE', `/administrators/${id}/${kind}/${(items as { id: string }[])[0]?.id}`);
    },
  });
  return {
    [`list${infix}Administrators`]: sample(async (send) => {
      for (let entries = 0; entries < 8; entries += 1) await newAdministrator(send, role);
      await pages(send, '/administrators', '');
    }),
    [`create${infix}Administrator`]: sample((send) => newAdministrator(send, role)),
    [`read${infix}Administrator`]: onNew('GET'),
    [`change${infix}Administrator`]: onNew('PATCH', { name: 'Renamed', disabled: true }),
    [`list${infix}AdministratorTokens`]: onNew('GET', undefined, '/tokens'),
    [`list${infix}AdministratorSessions`]: onNew('GET', undefined, '/sessions'),
    [`end${infix}AdministratorSessions`]: onNew('DELETE', undefined, '/sessions'),
    [`end${infix}AdministratorSession`]: withCredential('sessions'),
    [`delete${infix}AdministratorToken`]: withCredential('tokens'),
    [`send${infix}PasswordLink`]: {
      run: async (setting) => {
        const send = sender(setting);
        const [email, password] = [`${next()}@example.com`, 'the secret of a person'];
        const above = infix === '' ? 'customerAdministrator' : 'systemAdministrator';
        await made(send, '/administrators', { email, name: 'New', role: above, password });
        const headers = await signedInHeaders(setting, email, password);
        const base = infix === '' ? `/accounts/${setting.account.slug}` : '';
        const path = `${base}/administrators/${await newAdministrator(send, role)}/password-link`;
        const answer = await setting.anonymous('POST', path, { headers });
        assert.equal(answer.status, 204, answer.text);
      },
    },
    [`delete${infix}Administrator`]: onNew('DELETE'),
  };
}

const CSV = 'ExternalId;FirstName;LastName;Email;SuperiorExternalId\nS-1;A;One;s1@example.com;S-2\nS-2;B;Two;nobody;\n';
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<UserMaintenance><User Action="Add"><UserId>x-1</UserId><UserName>Ann Example</UserName><Email>x1@example.com</Email>
<LanguageCode>en</LanguageCode><CountryCode>US</CountryCode></User></UserMaintenance>`;

async function uploaded(send: Api, format: 'csv' | 'xml', query: string, xml = XML): Promise<string> {
  const call: ApiCall = { body: format === 'csv' ? CSV : xml, headers: { 'Content-Type': `text/${format}` } };
  return ended(send, idOf(await send('POST', `/imports/${format}?${query}`, call)));
}

/** Waits until the run with this id is finished; returns its id. */
export async function ended(send: Api, id: string): Promise<string> {
  await until(
    () => send('GET', `/imports/${id}`),
    ({ body }) => body.finished !== undefined,
  );
  return id;
}

const simulated = (send: Api) => uploaded(send, 'csv', 'simulate=true');

/** A new administrator's session as a browser has it. */
async function browser({ root, anonymous }: Setting): Promise<{ password: string; headers: Record<string, string> }> {
  const [email, password] = [`${next()}@example.com`, 'the secret of a browser'];
  await root('POST', '/administrators', { body: { email, name: 'B', role: 'systemAdministrator', password } });
  return { password, headers: await signedInHeaders({ anonymous }, email, password) };
}

async function signedInHeaders({ anonymous }: Pick<Setting, 'anonymous'>, email: string, password: string) {
  const signedIn = await anonymous('POST', '/session', { body: { email, password } });
  assert.equal(signedIn.status, 200, signedIn.text);
  return { Cookie: cookieOf(signedIn), 'X-CSRF-Token': String(signedIn.body.csrfToken) };
}

const inBrowser = (work: (call: Api, password: string) => Promise<Answer>): Sample => ({
  run: async (setting) => {
    const { headers, password } = await browser(setting);
    const call: Api = (method, path, options) => setting.anonymous(method, path, { ...options, headers });
    const answer = await work(call, password);
    assert.ok(answer.status < 300, answer.text);
  },
});

const newToken = async (call: Api) => idOf(await call('POST', '/session/tokens', { body: { name: next() } }));

/** What erases looks through all that an account has kept: nobody asks for that often. */
export const ERASURE: MayRead = Object.fromEntries(
  ['events', 'runs', 'runRows', 'idempotencyKeys', 'outbox'].map((name) => [name, 'texts are looked through']),
);
/** An order by login name leads past those who are not meant, or sorts all who are. */
const USERS_IN_ORDER = 60;

/**
 * Queries of the list of users, and how many users each may read where that is more than a page: all that are found, twice where two
 * indexes lead to them; of two conditions that have an index each, all that satisfy one of them.
 */
export const USER_LISTS: readonly ((account: ExplainedAccount) => [query: string, mayRead?: number | string])[] = [
  () => ['search=person-23', 24],
  () => ['search=ext-person-7'],
  () => ['search=nobody'],
  () => ['sort=userName'],
  () => ['sort=modified'],
  ({ groups }) => [`group=${groups[3]}`],
  ({ groups }) => [`group=${groups[3]}&sort=userName`],
  () => ['store=s-3', 12],
  () => ['orgUnit=North', 12],
  () => ['orgUnit=North&sort=userName', USERS_IN_ORDER],
  () => ['status=active', 'nearly everybody is meant'],
  () => ['status=incomplete', 12],
  () => ['status=invited'],
  () => ['status=inactive'],
  () => ['status=blocked'],
  () => ['search=person&status=blocked&store=s-1', 'all of these are terms, of which one index serves one'],
];

/** By the operation's id. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  listUsers: {
    run: async (setting) => {
      await lists('/users').run(setting);
      const [role, organization, enrollmentProfile] = [next(), next(), next()];
      const { send } = setting;
      await made(send, '/roles', { code: role });
      await made(send, '/organizations', { code: organization });
      await made(send, '/enrollment-profiles', { code: enrollmentProfile });
      const held = { organizations: [organization], enrollmentProfiles: [enrollmentProfile], roles: [{ value: role }] };
      for (let users = 0; users < 8; users += 1) await made(send, '/users', { ...person(next()), ...held });
      for (const query of Object.entries({ role, organization, enrollmentProfile }))
        await pages(send, '/users', query.join('='));
    },
  },
  createUser: {
    run: async ({ send }) => {
      const headers = { 'Idempotency-Key': next() };
      const body = person(next());
      for (let times = 0; times < 2; times += 1) await send('POST', '/users', { body, headers });
    },
  },
  readUser: on(newUser, 'GET', '/users/{id}'),
  changeUser: on(newUser, 'PATCH', '/users/{id}', { title: 'Clerk', stores: [{ refId: 's-3' }] }),
  deleteUser: on(newUser, 'DELETE', '/users/{id}'),
  activateUser: on(newUser, 'POST', '/users/{id}/activate'),
  deactivateUser: on(newUser, 'POST', '/users/{id}/deactivate'),
  blockUser: on(newUser, 'POST', '/users/{id}/block'),
  unblockUser: on(newUser, 'POST', '/users/{id}/unblock'),
  previewErasure: on(newUser, 'GET', '/users/{id}/erasure'),
  eraseUser: { ...on(newUser, 'POST', '/users/{id}/erase'), mayRead: ERASURE },
  eraseDeletedPerson: {
    run: ({ send }) => send('POST', '/erasures', { body: { userNames: [next()], emails: ['gone@example.com'] } }),
    mayRead: ERASURE,
  },
  listGroups: {
    ...lists('/groups', 'search=group 1', 'search=group 33', 'type=department', 'search=group 2&type=department'),
    mayRead: { groups: 24 },
  },
  createGroup: {
    run: ({ send, account }) => send('POST', '/groups', { body: { name: next(), members: account.ids.slice(0, 5) } }),
  },
  readGroup: on(newGroup, 'GET', '/groups/{id}'),
  changeGroup: on(newGroup, 'PATCH', '/groups/{id}', { adminName: 'Ours' }),
  deleteGroup: on(newGroup, 'DELETE', '/groups/{id}'),
  previewGroupMerge: {
    run: async ({ send }) => send('GET', `/groups/${await newGroup(send)}/merge/${await newGroup(send)}`),
  },
  mergeGroup: {
    run: async ({ send, account: { ids } }) => {
      const [from, into] = [await newGroup(send), await newGroup(send)];
      await send('POST', `/groups/${from}/members`, { body: { add: ids.slice(0, 3) } });
      await send('POST', `/groups/${into}/members`, { body: { add: ids.slice(2, 4) } });
      await send('POST', '/courses', { body: { title: next(), link: 'https://example.com/course', groups: [from] } });
      await send('POST', `/groups/${from}/merge/${into}`);
    },
  },
  changeMembers: {
    run: ({ send, account: { ids, groups } }) =>
      send('POST', `/groups/${groups[1]}/members`, { body: { add: [ids[0]], remove: [ids[1]] } }),
  },
  listStores: lists('/stores', 'search=store 12', 'search=s-12'),
  createStore: on(async () => '', 'POST', '/stores', { refId: 'sample', name: 'Sample', country: '32' }),
  readStore: on((send) => made(send, '/stores', { refId: next() }), 'GET', '/stores/{id}'),
  changeStore: on((send) => made(send, '/stores', { refId: next() }), 'PATCH', '/stores/{id}', { adminName: 'Ours' }),
  deleteStore: on((send) => made(send, '/stores', { refId: next() }), 'DELETE', '/stores/{id}'),
  previewStoreMerge: { run: ({ send }) => mergeOfStores(send, 'GET') },
  mergeStore: { run: ({ send }) => mergeOfStores(send, 'POST') },
  ...catalogue('org-units', 'OrgUnit', 'OrgUnits'),
  ...catalogue('roles', 'Role', 'Roles'),
  ...catalogue('enrollment-profiles', 'EnrollmentProfile', 'EnrollmentProfiles'),
  ...catalogue('organizations', 'Organization', 'Organizations'),
  ...administrators('', 'learner'),
  ...administrators('System', 'systemAdministrator'),
  listClients: { run: ({ send }) => send('GET', '/clients') },
  createClient: { run: ({ send }) => newClient(send) },
  deleteClient: on(newClient, 'DELETE', '/clients/{id}'),
  listConnections: { run: ({ send }) => send('GET', '/connections') },
  readAccountHealth: { run: ({ send }) => send('GET', '/health') },
  readConnectionHealth: on(
    (send) => made(send, '/connections', { name: next() }),
    'GET',
    '/connections/{id}/health?language=nl',
  ),
  createConnection: on(async () => '', 'POST', '/connections', { name: 'entra' }),
  changeConnection: on((send) => made(send, '/connections', { name: next() }), 'PATCH', '/connections/{id}', {
    unknownAttributes: 'ignore',
  }),
  listCredentials: { run: ({ send }) => send('GET', '/credentials') },
  createCredential: on(
    (send) => made(send, '/connections', { name: next() }),
    'POST',
    '/connections/{id}/credentials',
    {},
  ),
  revokeCredential: on(
    async (send) => made(send, `/connections/${await made(send, '/connections', { name: next() })}/credentials`, {}),
    'DELETE',
    '/credentials/{id}',
  ),
  createWorkbenchToken: {
    async run(setting) {
      const { headers } = await browser(setting);
      const id = await made(setting.send, '/connections', { name: next(), sandbox: true });
      const path = `/accounts/${setting.account.slug}/connections/${id}/workbench-token`;
      for (let times = 0; times < 2; times += 1)
        assert.equal((await setting.anonymous('POST', path, { headers })).status, 201);
    },
  },
  // What a stream asks for: test/doors/admin/stream.test.ts.
  watchConnection: on((send) => made(send, '/connections', { name: next() }), 'HEAD', '/connections/{id}/stream'),
  listCourses: {
    run: async ({ send }) => {
      for (let courses = 0; courses < 6; courses += 1) await newCourse(send);
      await pages(send, '/courses', '');
    },
  },
  createCourse: { run: ({ send }) => newCourse(send) },
  readCourse: on(newCourse, 'GET', '/courses/{id}'),
  changeCourse: on(newCourse, 'PATCH', '/courses/{id}', { title: 'Changed', groups: [] }),
  deleteCourse: on(newCourse, 'DELETE', '/courses/{id}'),
  readBadge: {
    run: async ({ send, root }) => {
      const connection = await made(send, '/connections', { name: next() });
      const { body } = await send('POST', `/connections/${connection}/credentials`, { body: {} });
      const headers = { Authorization: `Bearer ${String(body.token)}` };
      const user = person(next());
      await send('POST', '/users', { body: user });
      await root('GET', `/learners/${String(user.externalId)}/badge`, { headers });
    },
  },
  readOwnBadge: { run: ({ learner }) => learner('GET', '/me/badge') },
  listOwnCourses: {
    run: async ({ send, learner }) => {
      for (let courses = 0; courses < 6; courses += 1) await newCourse(send);
      await pages(learner, '/me/courses', '');
    },
  },
  listInvitations: {
    run: async ({ send }) => {
      for (let invitations = 0; invitations < 6; invitations += 1) await newInvitation(send);
      for (const query of ['', 'marker=none', 'marker=yellow', 'marker=red', 'user=nobody'])
        await pages(send, '/invitations', query);
    },
  },
  createInvitation: { run: ({ send }) => newInvitation(send) },
  createInvitations: {
    run: async ({ send }) => {
      const invitations = [invitee(next(), await newGroup(send)), invitee(next(), await newGroup(send))];
      return send('POST', '/invitations/batch', { body: { invitations } });
    },
  },
  countInvitations: { run: ({ send }) => send('GET', '/invitations/counts') },
  previewInvitation: { run: ({ send }) => send('POST', '/invitations/preview', { body: { name: 'Ada' } }) },
  readInvitation: on(newInvitation, 'GET', '/invitations/{id}'),
  resendInvitation: on(newInvitation, 'POST', '/invitations/{id}/resend'),
  revokeInvitation: { ...on(newInvitation, 'DELETE', '/invitations/{id}'), mayRead: ERASURE },
  listSetupLinks: { run: ({ send }) => send('GET', '/setup-links') },
  createSetupLink: on(
    (send) => made(send, '/connections', { name: next() }),
    'POST',
    '/connections/{id}/setup-links',
    {},
  ),
  revokeSetupLink: on(newSetupLink, 'DELETE', '/setup-links/{id}'),
  listMails: lists('/mails', 'state=failed', 'state=waiting', 'state=kept'),
  readMail: { run: ({ tries, account }) => tries('GET', `/accounts/${account.slug}/mails/unknown`) },
  sendMailAgain: { run: ({ tries, account }) => tries('POST', `/accounts/${account.slug}/mails/unknown/resend`) },
  listMailTemplates: { run: ({ send }) => send('GET', '/mail-templates') },
  setMailTemplate: { run: ({ send }) => send('PUT', '/mail-templates/reset/en', { body: TEMPLATE }) },
  removeMailTemplate: {
    async run({ send }) {
      await send('PUT', '/mail-templates/reset/nl', { body: TEMPLATE });
      await send('DELETE', '/mail-templates/reset/nl');
    },
  },
  previewMailTemplate: { run: ({ send }) => send('POST', '/mail-templates/reset/en/preview') },
  listCustomAttributes: { run: ({ send }) => send('GET', '/attributes') },
  createCustomAttribute: { run: withAttribute, mayRead: EVERY_USER },
  changeCustomAttribute: { run: withAttribute, mayRead: EVERY_USER },
  deleteCustomAttribute: { run: withAttribute, mayRead: EVERY_USER },
  listLinkSecrets: { run: ({ send }) => send('GET', '/link-secrets') },
  createLinkSecret: { run: withLinkSecret },
  deleteLinkSecret: { run: withLinkSecret },
  listEvents: {
    async run(setting) {
      const { body } = await setting.send('GET', '/connections');
      const of = `connection=${(body.items as { id: string }[])[0]?.id}`;
      const ofOne = [of, `${of}&door=scim`, `${of}&door=csv`, `${of}&failed=true`, `${of}&failed=true&door=scim`];
      for (const query of ['door=admin', 'door=scim', 'door=cli', 'failed=true', 'failed=true&door=admin', ...ofOne])
        await pages(setting.send, '/events', query);
    },
  },
  listUserEvents: {
    run: async ({ send, account: { ids } }) => {
      for (const query of ['', 'door=admin', 'failed=true']) await pages(send, `/users/${ids[3]}/events`, query);
    },
  },
  readUserSources: { run: async ({ send, account: { ids } }) => send('GET', `/users/${ids[3]}/sources`) },
  readUserHistory: {
    run: async ({ send, account: { ids } }) => {
      for (const query of ['', 'reads=true']) await pages(send, `/users/${ids[3]}/history`, query);
    },
  },
  searchHistory: {
    run: async ({ send, account: { ids } }) => {
      for (const query of [`search=${ids[3]}`, 'search=person-3', 'search=person-3@example.com&reads=true'])
        await pages(send, '/history', query);
    },
  },
  listChanges: lists('/audit'),
  listRemedies: { run: ({ root }) => root('GET', '/remedies?language=nl') },
  importCsv: { run: ({ send }) => uploaded(send, 'csv', 'mailTo=boss@example.com') },
  importXml: { run: ({ send }) => uploaded(send, 'xml', 'fileset=nightly') },
  listImports: lists('/imports'),
  readImport: on(simulated, 'GET', '/imports/{id}'),
  listImportRows: {
    run: async ({ send }) => {
      const id = await simulated(send);
      for (const outcome of ['created', 'updated', 'unchanged', 'refused'])
        await send('GET', `/imports/${id}/rows?outcome=${outcome}`);
      await send('GET', `/imports/${id}/rows?faulty=true`);
      await send('GET', `/imports/${id}/rows?after=1&limit=1`);
    },
  },
  cancelImport: {
    // A run may finish before it is cancelled: that is a conflict, and the same query.
    run: async ({ root, account }) => {
      const body = CSV.replaceAll('S-', `${next()}-`);
      const at = `/accounts/${account.slug}/imports`;
      const taken = await root('POST', `${at}/csv`, { body, headers: { 'Content-Type': 'text/csv' } });
      await root('POST', `${at}/${idOf(taken)}/cancel`);
    },
  },
  importSimulated: {
    run: async ({ send }) => ended(send, idOf(await send('POST', `/imports/${await simulated(send)}/import`))),
  },
  simulateAgain: {
    run: async ({ send }) =>
      ended(send, idOf(await send('POST', `/imports/${await simulated(send)}/simulate?encoding=windows-1252`))),
  },
  readImportResult: {
    run: async ({ send }) => {
      const id = await simulated(send);
      for (const part of ['all', 'failed']) await send('GET', `/imports/${id}/result.csv?part=${part}`);
    },
  },
  readImportFailures: {
    run: async ({ send }) => {
      const failing = XML.replace('</UserMaintenance>', '<User Action="Add"/></UserMaintenance>');
      await send('GET', `/imports/${await uploaded(send, 'xml', 'fileset=nightly', failing)}/failures.xml`);
    },
  },
  readTemplate: { run: ({ send }) => send('GET', '/exports/template.csv') },
  exportUsers: { run: ({ send }) => send('GET', '/exports/users.csv') },
  listAccounts: { run: ({ root }) => root('GET', '/accounts') },
  createAccount: { run: ({ root }) => root('POST', '/accounts', { body: { name: next() } }) },
  readAccount: { run: ({ send }) => send('GET', '') },
  changeAccount: { run: ({ send }) => send('PATCH', '', { body: { name: 'Renamed' } }) },
  signIn: { run: browser },
  readSession: inBrowser((call) => call('GET', '/session')),
  signOut: inBrowser((call) => call('DELETE', '/session')),
  changePassword: inBrowser((call, currentPassword) =>
    call('PUT', '/session/password', { body: { currentPassword, password: 'another long secret' } }),
  ),
  listTokens: inBrowser((call) => call('GET', '/session/tokens')),
  createToken: inBrowser((call) => call('POST', '/session/tokens', { body: { name: next() } })),
  listSessions: inBrowser((call) => call('GET', '/sessions')),
  endSession: inBrowser(async (call) => {
    const { items } = (await call('GET', '/sessions')).body;
    return call('DELETE', `/sessions/${(items as { id: string }[])[0]?.id}`);
  }),
  endSessions: inBrowser((call) => call('DELETE', '/sessions')),
  deleteToken: inBrowser(async (call) => call('DELETE', `/session/tokens/${await newToken(call)}`)),
  // No provider is set up here; what the way over one asks for: explain-sign-in.test.ts.
  linkOidc: {
    run: async (setting) => {
      const { headers, password } = await browser(setting);
      await setting.anonymous('POST', '/session/oidc', { headers, body: { currentPassword: password } });
    },
  },
  setPasswordByLink: {
    run: async ({ anonymous, root }) => [
      await anonymous('PUT', '/session/password-link', { body: { token: 'unknown', password: 'another long secret' } }),
      await root('GET', '/session'),
    ],
  },
  startOidc: {
    run: async ({ anonymous, root }) => [await anonymous('GET', '/session/oidc'), await root('GET', '/session')],
  },
  finishOidc: {
    run: async ({ anonymous, root }) => [
      await anonymous('GET', '/session/oidc/callback'),
      await root('GET', '/session'),
    ],
  },
};
