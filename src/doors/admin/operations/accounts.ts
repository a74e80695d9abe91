// Accounts over the admin API: made and limited from above, read and tuned by their own administrators.

import { z } from 'zod';
import { type AccountDraft, derivedGroupFaults } from '../../../directory/accounts/accounts.ts';
import { accountSettings, type SettingsChange, settingsOf } from '../../../directory/accounts/settings.ts';
import { may } from '../../../directory/administration/permissions.ts';
import { type Faults, fault, isNonEmpty, type Outcome } from '../../../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../../../directory/model.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accountParams } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

/** Where accounts are kept, as this door needs it. */
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

/** The operations on accounts. */
export function accountOperations({
  accounts,
  schema,
}: {
  accounts: AccountDesk;
  schema: ResourceSchema;
}): Operation[] {
  return [
    operation({
      id: 'listAccounts',
      tag: 'Accounts',
      method: 'GET',
      path: '/accounts',
      summary: 'List all accounts',
      permission: 'accounts.manage',
      answers: {
        200: {
          description: 'All accounts, by slug',
          schema: z.object({ items: z.array(accountSchema) }).meta({ id: 'AccountList' }),
        },
      },
      handle: async () => json(200, { items: (await accounts.listAccounts()).map(renderAccount) }),
    }),
    operation({
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
        const wrong = ruleFaults(body.derivedGroups, schema);
        if (wrong) return faultProblem(wrong);
        const { name, ...rest } = body;
        const made = await accounts.createAccount({ name, ...given(rest) });
        return made.ok ? accountAnswer(201, made.value) : faultProblem(made.faults);
      },
    }),
    operation({
      id: 'readAccount',
      tag: 'Accounts',
      method: 'GET',
      path: '/accounts/{account}',
      summary: 'Read an account',
      permission: 'account.read',
      params: accountParams,
      answers: { 200: { description: 'The account', schema: accountSchema } },
      handle: async ({ caller }) => accountAnswer(200, caller.account),
    }),
    operation({
      id: 'changeAccount',
      tag: 'Accounts',
      method: 'PATCH',
      path: '/accounts/{account}',
      summary: 'Change settings of an account',
      permission: 'account.change',
      params: accountParams,
      body: accountChange,
      answers: { 200: { description: 'The account', schema: accountSchema } },
      async handle({ caller, session, body }) {
        if (body.userLimit !== undefined && !may(session.actor, 'accounts.manage'))
          return faultProblem([fault('forbidden', 'userLimit', { operation: 'accounts.manage' })]);
        const wrong = ruleFaults(body.derivedGroups, schema);
        if (wrong) return faultProblem(wrong);
        const changed = await accounts.setAccount(caller.account.slug, given(body));
        return changed ? accountAnswer(200, changed) : faultProblem([fault('notFound', 'Account')]);
      },
    }),
  ];
}

/** What was given, without the keys that were left out. */
function given<T extends object>(body: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
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
