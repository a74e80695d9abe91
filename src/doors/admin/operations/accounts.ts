// Accounts over the admin API: System Administrators create and limit them, their own administrators read and configure them.

import { z } from 'zod';
import { may } from '../../../directory/administration/permissions.ts';
import { type Fault, fault, isNonEmpty, type Outcome } from '../../../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../../../directory/model.ts';
import { isTimeOfDay, isTimeZone } from '../../../directory/schema/formats.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accountParams } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

interface AccountSettings {
  requiredData?: Account['requiredData'];
  userLimit?: number | null;
  derivedGroups?: DerivedGroupRule[];
  loginNamesEditable?: boolean;
  timeZone?: string;
  importTime?: string;
  endDatePolicy?: NonNullable<Account['endDatePolicy']>;
}

/** The port to accounts. */
export interface AccountDesk {
  createAccount(draft: { name: string; slug?: string } & AccountSettings): Promise<Outcome<Account>>;
  listAccounts(): Promise<Account[]>;
  findAccount(slug: string): Promise<Account | undefined>;
  setAccount(slug: string, settings: { name?: string } & AccountSettings): Promise<Account | undefined>;
}

const USER_LIMIT_MAX = 10_000_000;
const RULES_MAX = 20;

const derivedGroups = z
  .array(z.strictObject({ attribute: z.string().max(255), groupType: z.string().min(1).max(255) }))
  .max(RULES_MAX)
  .meta({ description: 'Keeps one group of this type for each value of the attribute, such as enterprise.department' });

const accountSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    requiredData: z.enum(['enforce', 'report']),
    userLimit: z.number().int().optional(),
    derivedGroups: z.array(z.object({ attribute: z.string(), groupType: z.string() })),
    loginNamesEditable: z.boolean(),
    timeZone: z.string().optional(),
    importTime: z.string().optional(),
    endDatePolicy: z.enum(['deactivate', 'delete']).optional(),
  })
  .meta({ id: 'Account' });

const settings = {
  requiredData: z.enum(['enforce', 'report']).optional(),
  userLimit: z
    .number()
    .int()
    .min(1)
    .max(USER_LIMIT_MAX)
    .nullable()
    .optional()
    .meta({ description: 'Maximum number of active users; null removes the limit. System Administrators only' }),
  derivedGroups: derivedGroups.optional(),
  loginNamesEditable: z
    .boolean()
    .optional()
    .meta({ description: 'Whether administrators and files may change login names' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Brussels')
    .optional()
    .meta({ description: 'IANA time zone; UTC by default' }),
  importTime: z
    .string()
    .refine(isTimeOfDay, 'must be a time such as 02:30')
    .optional()
    .meta({ description: "When the watched folder is read and end dates take effect, in the account's time zone" }),
  endDatePolicy: z
    .enum(['deactivate', 'delete'])
    .optional()
    .meta({ description: 'What happens to users on their end date' }),
};

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
      if (body.userLimit !== undefined && !may(session.actor, 'accounts.manage'))
        return faultProblem([fault('forbidden', 'userLimit', { operation: 'accounts.manage' })]);
      const invalid = ruleFaults(body.derivedGroups, schema);
      if (invalid) return faultProblem(invalid);
      const changed = await accounts.setAccount(caller.account.slug, defined(body));
      return changed ? accountAnswer(200, changed) : faultProblem([fault('notFound', 'Account')]);
    },
  });
}

/** The object without its undefined values. */
function defined<T extends object>(body: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function ruleFaults(
  rules: readonly DerivedGroupRule[] | undefined,
  schema: ResourceSchema,
): [Fault, ...Fault[]] | undefined {
  const faults = (rules ?? []).flatMap(({ attribute }, index) => {
    const known = schema.byKey.get(attribute);
    const isText = known?.type === 'string' && !known.multiValued && !known.parent?.multiValued;
    const path = `derivedGroups[${index}].attribute`;
    return isText ? [] : [fault('invalidValue', path, { rule: 'is not a single-valued text attribute of users' })];
  });
  return isNonEmpty(faults) ? faults : undefined;
}

function renderAccount(account: Account) {
  const { id, slug, name, requiredData, userLimit, timeZone, importTime, endDatePolicy } = account;
  return {
    id,
    slug,
    name,
    requiredData,
    ...(userLimit === undefined ? {} : { userLimit }),
    derivedGroups: account.derivedGroups,
    loginNamesEditable: account.loginNamesEditable === true,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(importTime === undefined ? {} : { importTime }),
    ...(endDatePolicy === undefined ? {} : { endDatePolicy }),
  };
}

function accountAnswer(status: number, account: Account): AdminAnswer {
  return {
    ...json(status, renderAccount(account)),
    subject: { type: 'Account', id: account.id, name: account.slug },
  };
}
