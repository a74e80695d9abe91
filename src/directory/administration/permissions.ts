// Owns the table of roles, operations and scopes: who may do what, and to which users.
// The admin API authorizes every request with it; docs/roles.md is generated from it.

import type { UserView } from '../model.ts';
import type { Filter } from '../query/query.ts';
import { ORG_UNIT_SEPARATOR } from '../reference-data/reference-data.ts';
import { elementsAt, textAt, valueAt } from '../schema/attributes.ts';
import { foldText, isObject } from '../schema/fold.ts';
import type { Attributes, ResourceSchema } from '../schema/schema.ts';

/** The roles, from the least to the most powerful. */
export const ROLES = [
  'learner',
  'superior',
  'orgUnitAssistant',
  'orgUnitAdministrator',
  'subdomainAdministrator',
  'customerAdministrator',
  'systemAdministrator',
] as const;
export type Role = (typeof ROLES)[number];

/** The users that a role may act on: none, those of the actor's stores and reports, those in the actor's org unit or below, the account's, all. */
type Scope = 'nobody' | 'storesAndReports' | 'orgUnit' | 'account' | 'everything';

/** Every operation that needs permission, with its description. */
export const OPERATIONS = {
  'users.read': 'List, search and retrieve users',
  'users.create': 'Create users',
  'users.invite': 'Invite people, send invitations again and take them back',
  'users.change': 'Update users',
  'users.activate': 'Activate and deactivate users',
  'users.block': 'Block and unblock users',
  'users.delete': 'Delete users',
  'users.erase': 'Erase a person from all stored data (GDPR)',
  'users.roles': 'Assign roles to users',
  'users.events': 'Read the events of a user',
  'groups.read': 'List and retrieve user groups',
  'groups.edit': 'Create, update and delete user groups and change their members',
  'stores.read': 'List and retrieve stores',
  'stores.edit': 'Create, update and delete stores',
  'orgUnits.read': 'List and retrieve org units',
  'orgUnits.edit': 'Create, rename and delete org units',
  'catalogues.read': 'List and retrieve roles, enrollment profiles and organizations',
  'catalogues.edit': 'Create, rename and delete roles, enrollment profiles and organizations',
  'courses.read': 'List and retrieve courses',
  'courses.edit': 'Create, update and delete courses',
  'administrators.read': 'List the administrators of the account',
  'administrators.edit': 'Create and delete administrators and change their roles',
  'connections.read': 'List connections and their credentials',
  'connections.edit': 'Create and update connections, create and revoke credentials',
  'connections.watch': 'Follow the requests of a connection as they come in',
  'clients.read': 'List the applications that sign learners in',
  'clients.edit': 'Create and delete the applications that sign learners in',
  'events.read': 'Read the events of the whole account',
  'imports.read': 'List imports and download their results; a limited role only its own imports',
  'imports.run': 'Run and simulate imports of CSV files, export users; of XML batches only for the whole account',
  'mails.edit': 'List mails that failed or wait, and send them again',
  'mails.preview': 'Read mails that are only shown because MAIL_PREVIEW is on',
  'account.read': 'Retrieve the account',
  'account.change': 'Update the name and settings of the account',
  'accounts.manage': 'Create and list accounts, set their user limits',
  'system.administrators': 'Create, update and delete System Administrators',
} as const;
export type Operation = keyof typeof OPERATIONS;

/** One row of the table. */
interface RoleRow {
  title: string;
  scope: Scope;
  may: ReadonlySet<Operation>;
}

const LISTS: Operation[] = [
  'groups.read',
  'stores.read',
  'orgUnits.read',
  'catalogues.read',
  'courses.read',
  'account.read',
];
const ASSIST: Operation[] = [
  'users.read',
  'users.create',
  'users.invite',
  'users.change',
  'users.activate',
  'users.block',
  'users.events',
  ...LISTS,
];
const SUBDOMAIN: Operation[] = [...ASSIST, 'users.delete', 'imports.read', 'imports.run'];
const CUSTOMER: Operation[] = [
  ...SUBDOMAIN,
  // Erasure affects files and events of the whole account, so roles that are limited to an org unit do not have it.
  'users.erase',
  'users.roles',
  'groups.edit',
  'stores.edit',
  'catalogues.edit',
  'courses.edit',
  'administrators.read',
  'administrators.edit',
  'connections.read',
  'connections.edit',
  'connections.watch',
  'clients.read',
  'clients.edit',
  'events.read',
  'mails.edit',
  'account.change',
];

const TABLE: Record<Role, RoleRow> = {
  learner: { title: 'Learner (User)', scope: 'nobody', may: new Set() },
  superior: {
    title: 'Superior (Manager)',
    scope: 'storesAndReports',
    may: new Set([
      'users.read',
      'users.create',
      'users.invite',
      'users.change',
      'users.activate',
      'users.delete',
      'users.events',
      ...LISTS,
    ]),
  },
  orgUnitAssistant: { title: 'OrgUnit Assistant', scope: 'orgUnit', may: new Set(ASSIST) },
  orgUnitAdministrator: { title: 'OrgUnit Administrator', scope: 'orgUnit', may: new Set([...ASSIST, 'users.delete']) },
  subdomainAdministrator: { title: 'Subdomain Administrator', scope: 'orgUnit', may: new Set(SUBDOMAIN) },
  customerAdministrator: { title: 'Customer Administrator (Admin)', scope: 'account', may: new Set(CUSTOMER) },
  systemAdministrator: {
    title: 'System Administrator',
    scope: 'everything',
    may: new Set(Object.keys(OPERATIONS) as Operation[]),
  },
};

const SCOPE_WORDS: Record<Scope, string> = {
  nobody: 'nobody',
  storesAndReports: 'users of their stores, and their reports',
  orgUnit: 'their org unit and the units below it',
  account: 'the account',
  everything: 'every account',
};

/** The administrator in whose name something is done, as far as permissions are concerned. */
export interface Actor {
  /** Id of the administrator. */
  id: string;
  role: Role;
  /** The account; absent for a System Administrator. */
  account?: string;
  /** The org unit, for roles whose scope is one. Without it no user is in scope. */
  orgUnit?: string;
  /** The id of this administrator's own user, if there is one. The scope of a Superior follows from it. */
  user?: string;
  /** The ref ids of that user's stores, for a Superior. */
  stores?: readonly string[];
}

/** Whether a role includes an operation. `within` decides for which users. */
export function may(actor: Pick<Actor, 'role'>, operation: Operation): boolean {
  return TABLE[actor.role].may.has(operation);
}

/** The scope of a role. */
export function scopeKind(role: Role): Scope {
  return TABLE[role].scope;
}

/** Whether the scope of a role is an account as a whole, or more. */
export function isAccountWide(role: Role): boolean {
  return TABLE[role].scope === 'account' || TABLE[role].scope === 'everything';
}

/** Whether an actor may assign or remove a role; only a System Administrator may do so with System Administrator. */
export function mayGive(actor: Actor, role: Role): boolean {
  return may(actor, role === 'systemAdministrator' ? 'system.administrators' : 'administrators.edit');
}

/**
 * The filter for the users in an actor's scope, which every list query must include; undefined for the whole account.
 * @throws Error if the schema files lack an attribute that scopes are based on
 */
export function scopeOf(actor: Actor, schema: ResourceSchema): Filter | undefined {
  const compare = (key: string, operator: 'eq' | 'sw', value: string): Filter => {
    const attribute = schema.byKey.get(key);
    if (!attribute)
      throw new Error(`scim-schemas: ${schema.name} lacks ${key}, which the scopes of roles are based on`);
    return { kind: 'compare', attribute, operator, value };
  };
  switch (TABLE[actor.role].scope) {
    case 'account':
    case 'everything':
      return undefined;
    case 'orgUnit': {
      if (actor.orgUnit === undefined) return compare('id', 'eq', '');
      return belowOrgUnit(schema, actor.orgUnit);
    }
    case 'storesAndReports': {
      const terms = (actor.stores ?? []).map((refId) => compare('mobietrain.stores.value', 'eq', refId));
      if (actor.user !== undefined) terms.push(compare('enterprise.manager.value', 'eq', actor.user));
      return terms.length === 0 ? compare('id', 'eq', '') : { kind: 'or', terms };
    }
    case 'nobody':
      return compare('id', 'eq', '');
  }
}

/** The users of an org unit and of the units below it. */
export function belowOrgUnit(schema: ResourceSchema, orgUnit: string): Filter {
  const attribute = schema.byKey.get('mobietrain.organizationalUnit');
  if (!attribute) throw new Error('scim-schemas: users have no organizationalUnit');
  return {
    kind: 'or',
    terms: [
      { kind: 'compare', attribute, operator: 'eq', value: orgUnit },
      { kind: 'compare', attribute, operator: 'sw', value: orgUnit + ORG_UNIT_SEPARATOR },
    ],
  };
}

/** Whether a user, current or planned, is in an actor's scope: the rule of `scopeOf` for one user. */
export function within(actor: Actor, user: Pick<UserView, 'attributes'>): boolean {
  switch (TABLE[actor.role].scope) {
    case 'account':
    case 'everything':
      return true;
    case 'orgUnit': {
      const unit = textAt(user.attributes, 'mobietrain.organizationalUnit');
      return unit !== undefined && withinOrgUnit(actor, unit);
    }
    case 'storesAndReports':
      return worksInOwnStore(actor, user.attributes) || reportsTo(actor, user.attributes);
    case 'nobody':
      return false;
  }
}

/** Whether an org unit is the actor's or below it; always true if the scope of the role is not an org unit. */
export function withinOrgUnit(actor: Actor, unit: string): boolean {
  if (TABLE[actor.role].scope !== 'orgUnit') return true;
  if (actor.orgUnit === undefined) return false;
  const own = foldText(actor.orgUnit);
  const other = foldText(unit);
  return other === own || other.startsWith(own + ORG_UNIT_SEPARATOR);
}

function worksInOwnStore(actor: Actor, attributes: Attributes): boolean {
  const own = actor.stores ?? [];
  return elementsAt(attributes, 'mobietrain.stores').some(
    (store) => typeof store.value === 'string' && own.includes(store.value),
  );
}

function reportsTo(actor: Actor, attributes: Attributes): boolean {
  const manager = valueAt(attributes, 'enterprise.manager');
  return actor.user !== undefined && isObject(manager) && manager.value === actor.user;
}

/** The operations of a role, in the order of OPERATIONS. */
export function operationsOf(role: Role): Operation[] {
  return (Object.keys(OPERATIONS) as Operation[]).filter((operation) => TABLE[role].may.has(operation));
}

/** The table as Markdown: a row for each operation, a column for each role. */
export function describePermissions(): string {
  const head = ['', ...ROLES.map((role) => TABLE[role].title)];
  const scopes = ['Scope', ...ROLES.map((role) => SCOPE_WORDS[TABLE[role].scope])];
  const rows = Object.entries(OPERATIONS).map(([operation, words]) => [
    `${words} (\`${operation}\`)`,
    ...ROLES.map((role) => (TABLE[role].may.has(operation as Operation) ? 'yes' : '–')),
  ]);
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), line(scopes), ...rows.map(line)].join('\n');
}
