// Accounts over the admin API: System Administrators create and limit them, their own administrators read and configure them.

import { z } from 'zod';
import { type AccountDraft, derivedGroupFaults } from '../../../directory/accounts/accounts.ts';
import { accountSettings, type SettingsChange, settingsOf } from '../../../directory/accounts/settings.ts';
import { may } from '../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault, isNonEmpty, type Outcome } from '../../../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../../../directory/model.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accountParams } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

/** The port to accounts. */
export interface AccountDesk {
  createAccount(draft: AccountDraft): Promise<Outcome<Account>>;
  listAccounts(): Promise<Account[]>;
  findAccount(slug: string): Promise<Account | undefined>;
  setAccount(slug: string, change: SettingsChange & { name?: string }): Promise<Account | undefined>;
}

const { requiredData, derivedGroups, ...optional } = accountSettings;
const accountSchema = z
  .object({ id: z.string(), slug: z.string(), name: z.string(), requiredData, derivedGroups })
  .extend(z.object(optional).partial().shape)
  .extend({ loginNamesEditable: optional.loginNamesEditable })
  .meta({ id: 'Account' });

const settings = { ...z.object(accountSettings).partial().shape, userLimit: optional.userLimit.nullable().optional() };

const accountDraft = z
  .strictObject({ name: z.string().min(1).max(1000), slug: z.string().max(1000).optional(), ...settings })
  .meta({ id: 'AccountDraft' });
const accountChange = z
  .strictObject({ name: z.string().min(1).max(255).optional(), ...settings })
  .meta({ id: 'AccountChange' });

export interface AccountOperationsOptions {
  accounts: AccountDesk;
  /** The schema of users, which derived groups are checked against. */
  schema: ResourceSchema;
}

/** The operations on accounts. */
export function accountOperations(options: AccountOperationsOptions): Operation[] {
  return [listAccounts(options), createAccount(options), readAccount(), changeAccount(options)];
}

function listAccounts({ accounts }: AccountOperationsOptions): Operation {
  return operation({
    id: 'listAccounts',
    tag: 'Accounts',
    method: 'GET',
    path: '/accounts',
    summary: 'List all accounts',
    permission: 'accounts.manage',
    answers: {
      200: {
        description: 'All accounts, sorted by slug',
        schema: z.object({ items: z.array(accountSchema) }).meta({ id: 'AccountList' }),
      },
    },
    handle: async () => json(200, { items: (await accounts.listAccounts()).map(renderAccount) }),
  });
}

function createAccount({ accounts, schema }: AccountOperationsOptions): Operation {
  return operation({
    id: 'createAccount',
    tag: 'Accounts',
    method: 'POST',
    path: '/accounts',
    summary: 'Create an account',
    permission: 'accounts.manage',
    body: accountDraft,
    idempotent: true,
    answers: { 201: { description: 'The new account', schema: accountSchema } },
    async handle({ body }) {
      const invalid = ruleFaults(body.derivedGroups, schema);
      if (invalid) return faultProblem(invalid);
      const { name, ...rest } = body;
      const created = await accounts.createAccount({ name, ...defined(rest) });
      return created.ok ? accountAnswer(201, created.value) : faultProblem(created.faults);
    },
  });
}

function readAccount(): Operation {
  return operation({
    id: 'readAccount',
    tag: 'Accounts',
    method: 'GET',
    path: '/accounts/{account}',
    summary: 'Retrieve an account',
    permission: 'account.read',
    params: accountParams,
    answers: { 200: { description: 'The account', schema: accountSchema } },
    handle: async ({ caller }) => accountAnswer(200, caller.account),
  });
}

function changeAccount({ accounts, schema }: AccountOperationsOptions): Operation {
  return operation({
    id: 'changeAccount',
    tag: 'Accounts',
    method: 'PATCH',
    path: '/accounts/{account}',
    summary: 'Update the settings of an account',
    permission: 'account.change',
    params: accountParams,
    body: accountChange,
    answers: { 200: { description: 'The account', schema: accountSchema } },
    async handle({ caller, session, body }) {
      const above = may(session.actor, 'accounts.manage') ? [] : changedAbove(caller.account, defined(body));
      if (isNonEmpty(above)) return faultProblem(above);
      const invalid = ruleFaults(body.derivedGroups, schema);
      if (invalid) return faultProblem(invalid);
      const changed = await accounts.setAccount(caller.account.slug, defined(body));
      return changed ? accountAnswer(200, changed) : faultProblem([fault('notFound', 'Account')]);
    },
  });
}

/** The settings that belong to the contract: System Administrators change them, others may only repeat them. */
const SETTINGS_ABOVE = ['userLimit', 'loginNamesEditable'] as const;

/** The faults of changed settings that only a System Administrator changes. */
function changedAbove(account: Account, body: SettingsChange): Fault[] {
  const settings: SettingsChange = { userLimit: null, loginNamesEditable: false, ...settingsOf(account) };
  const rule = 'is set by a System Administrator';
  return SETTINGS_ABOVE.filter((key) => body[key] !== undefined && body[key] !== settings[key]).map((key) =>
    fault('forbidden', key, { operation: 'accounts.manage', rule }),
  );
}

/** The object without its undefined values. */
function defined<T extends object>(body: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function ruleFaults(rules: readonly DerivedGroupRule[] | undefined, schema: ResourceSchema): Faults | undefined {
  const faults = derivedGroupFaults(rules ?? [], schema);
  return isNonEmpty(faults) ? faults : undefined;
}

function renderAccount({ id, slug, name, ...account }: Account) {
  return { id, slug, name, ...settingsOf(account), loginNamesEditable: account.loginNamesEditable === true };
}

function accountAnswer(status: number, account: Account): AdminAnswer {
  return {
    ...json(status, renderAccount(account)),
    subject: { type: 'Account', id: account.id, name: account.slug },
  };
}
