// Who may do what, and to whom: the one table of roles, operations and scopes (systems.md §1 Roles, §4 Roles).
// The admin API judges every request by it; docs/roles.md is made from it.

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

/** Whose users a role reaches: nobody's, those of the own stores and own reports, the own org unit and below, the account's, everybody's. */
export type Scope = 'nobody' | 'storesAndReports' | 'orgUnit' | 'account' | 'everything';

/** Every operation that is judged, with its words for people. */
export const OPERATIONS = {
  'users.read': 'List, search and read users',
  'users.create': 'Create users',
  'users.change': 'Change users',
  'users.activate': 'Activate and deactivate users',
  'users.block': 'Block and unblock users',
  'users.delete': 'Delete users',
  'users.erase': 'Erase a person from everything that is kept (GDPR)',
  'users.roles': 'Assign roles to users',
  'users.events': 'Read what happened to a user',
  'groups.read': 'List and read user groups',
  'groups.edit': 'Create, rename and delete user groups, and change their members',
  'stores.read': 'List and read stores',
  'stores.edit': 'Create, rename and change stores',
  'orgUnits.read': 'List org units',
  'orgUnits.edit': 'Create and delete org units',
  'catalogues.read': 'List roles, enrollment profiles and organizations',
  'catalogues.edit': 'Create and delete roles, enrollment profiles and organizations',
  'administrators.read': 'List administrators of the account',
  'administrators.edit': 'Make administrators, and give and take their roles',
  'connections.read': 'List connections and their credentials',
  'connections.edit': 'Make connections, make and revoke credentials',
  'events.read': 'Read the events of the whole account',
  'imports.read': 'List imports and read their results',
  'imports.run': 'Simulate and run imports, export users',
  'account.read': 'Read the account',
  'account.change': 'Change the name and the rules of the account',
  'accounts.manage': 'Create accounts, list all of them, set their user limits',
  'system.administrators': 'Make and change System Administrators',
} as const;
export type Operation = keyof typeof OPERATIONS;

/** One row of the table. */
interface RoleRow {
  title: string;
  scope: Scope;
  may: ReadonlySet<Operation>;
}

const LISTS: Operation[] = ['groups.read', 'stores.read', 'orgUnits.read', 'catalogues.read', 'account.read'];
const ASSIST: Operation[] = [
  'users.read',
  'users.create',
  'users.change',
  'users.activate',
  'users.block',
  'users.events',
  ...LISTS,
];
const SUBDOMAIN: Operation[] = [...ASSIST, 'users.delete'];
const CUSTOMER: Operation[] = [
  ...SUBDOMAIN,
  // It reaches into files and events of the whole account, beyond any unit.
  'users.erase',
  'users.roles',
  'groups.edit',
  'stores.edit',
  'catalogues.edit',
  'administrators.read',
  'administrators.edit',
  'connections.read',
  'connections.edit',
  'events.read',
  'imports.read',
  'imports.run',
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
  storesAndReports: 'users of the own stores, and own reports',
  orgUnit: 'the own org unit and the units below it',
  account: 'the account',
  everything: 'every account',
};

/** Who asks, as far as permission goes. */
export interface Actor {
  /** Id of the administrator. */
  id: string;
  role: Role;
  /** The account; absent for a System Administrator, who stands above accounts. */
  account?: string;
  /** The own unit, for roles whose scope is one. Without it nobody is in scope. */
  orgUnit?: string;
  /** The user that this administrator is, for a Superior. */
  user?: string;
  /** Ref ids of the own stores, for a Superior. */
  stores?: readonly string[];
}

/** Whether a role has an operation at all. What the operation is done to is judged by `within`. */
export function may(actor: Pick<Actor, 'role'>, operation: Operation): boolean {
  return TABLE[actor.role].may.has(operation);
}

/** Whose users a role reaches. */
export function scopeKind(role: Role): Scope {
  return TABLE[role].scope;
}

/** Whether an actor may give or take a role: nobody gives more than the own role, and only above accounts is the highest given. */
export function mayGive(actor: Actor, role: Role): boolean {
  return may(actor, role === 'systemAdministrator' ? 'system.administrators' : 'administrators.edit');
}

/**
 * The condition on users that an actor's scope comes to, to be joined to every list query; undefined: the whole account.
 * @throws Error where the schema lacks an attribute that scopes are made of: the schema files are wrong.
 */
export function scopeOf(actor: Actor, schema: ResourceSchema): Filter | undefined {
  const compare = (key: string, operator: 'eq' | 'sw', value: string): Filter => {
    const attribute = schema.byKey.get(key);
    if (!attribute) throw new Error(`scim-schemas: ${schema.name} has no ${key}, by which roles are scoped`);
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

/** Whether a user, as seen or as it would be, is in an actor's scope: the same rule as `scopeOf`, for one user. */
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

/** Whether an org unit is the actor's own or below it; every unit where the scope is no unit. */
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

/** The operations of a role, in the table's order. */
export function operationsOf(role: Role): Operation[] {
  return (Object.keys(OPERATIONS) as Operation[]).filter((operation) => TABLE[role].may.has(operation));
}

/** The table for people, as Markdown: a row for each operation, a column for each role. */
export function describePermissions(): string {
  const head = ['', ...ROLES.map((role) => TABLE[role].title)];
  const scopes = ['Whose users', ...ROLES.map((role) => SCOPE_WORDS[TABLE[role].scope])];
  const rows = Object.entries(OPERATIONS).map(([operation, words]) => [
    `${words} (\`${operation}\`)`,
    ...ROLES.map((role) => (TABLE[role].may.has(operation as Operation) ? 'yes' : '–')),
  ]);
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), line(scopes), ...rows.map(line)].join('\n');
}
