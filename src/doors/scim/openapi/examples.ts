// Requests and responses as clients send and get them, for the OpenAPI document.

import { MESSAGE } from '../protocol/messages.ts';

/** Examples of one body, by name. */
export type Examples = Record<string, { summary: string; value: unknown }>;

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const MOBIETRAIN_USER = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';
const STORE = 'urn:ietf:params:scim:schemas:mobietrain:2.0:Store';
const ORG_UNIT = 'urn:ietf:params:scim:schemas:mobietrain:2.0:OrgUnit';
const ID = '0193a5a0-0000-7000-8000-000000000001';

const user = {
  schemas: [USER, MOBIETRAIN_USER],
  userName: 'ann@example.com',
  externalId: 'e-4711',
  name: { givenName: 'Ann', familyName: 'Example' },
  emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
  title: 'Baker',
  active: true,
  [MOBIETRAIN_USER]: { storeRefId: '4711', storeName: 'Ghent North', storeCountry: '32' },
};

const group = { schemas: [GROUP], displayName: 'Bakers', externalId: 'g-12', members: [{ value: ID }] };

const store = { schemas: [STORE], refId: '4711', displayName: 'Ghent North', country: '32' };
const orgUnit = { schemas: [ORG_UNIT], code: 'Retail', displayName: 'Shops' };

const patch = (...operations: object[]) => ({ schemas: [MESSAGE.patch], Operations: operations });

/** The examples of request bodies. */
export const EXAMPLES = {
  user: {
    user: { summary: 'A user with a store', value: user },
    minimal: { summary: 'The least that is required by SCIM', value: { schemas: [USER], userName: 'ben@example.com' } },
  },
  userPatch: {
    title: { summary: 'Change the job position', value: patch({ op: 'replace', path: 'title', value: 'Head baker' }) },
    deactivate: { summary: 'Deactivate', value: patch({ op: 'replace', path: 'active', value: false }) },
    email: {
      summary: 'Change one e-mail',
      value: patch({ op: 'replace', path: 'emails[type eq "work"].value', value: 'ann@example.org' }),
    },
  },
  group: { group: { summary: 'A group with a member', value: group } },
  groupPatch: {
    add: { summary: 'Add a member', value: patch({ op: 'add', path: 'members', value: [{ value: ID }] }) },
    remove: { summary: 'Remove a member', value: patch({ op: 'remove', path: `members[value eq "${ID}"]` }) },
    rename: { summary: 'Rename', value: patch({ op: 'replace', path: 'displayName', value: 'Pastry' }) },
  },
  store: { store: { summary: 'A store', value: store } },
  storePatch: {
    rename: { summary: 'Rename', value: patch({ op: 'replace', path: 'displayName', value: 'Ghent South' }) },
  },
  orgUnit: { orgUnit: { summary: 'An org unit', value: orgUnit } },
  orgUnitPatch: {
    rename: { summary: 'Rename', value: patch({ op: 'replace', path: 'displayName', value: 'All shops' }) },
  },
  search: {
    search: {
      summary: 'Active users by name',
      value: { schemas: [MESSAGE.search], filter: 'active eq true', sortBy: 'userName', count: 20 },
    },
  },
  bulk: {
    bulk: {
      summary: 'A user and a group that has the user',
      value: {
        schemas: [MESSAGE.bulkRequest],
        Operations: [
          { method: 'POST', path: '/Users', bulkId: 'ann', data: user },
          { method: 'POST', path: '/Groups', bulkId: 'g', data: { ...group, members: [{ value: 'bulkId:ann' }] } },
        ],
      },
    },
  },
} as const satisfies Record<string, Examples>;
