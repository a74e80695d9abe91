// Accounts over the admin API: made and limited from above, read and tuned by their own administrators.

import { z } from 'zod';
import { may } from '../../../directory/administration/permissions.ts';
import { type Fault, fault, type Outcome } from '../../../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../../../directory/model.ts';
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

/** Where accounts are kept, as this door needs it. */
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
  .meta({ description: 'Keep a group of this type for each value of the attribute, such as enterprise.department' });

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
    .meta({ description: 'Active users at most; null takes the limit away. For System Administrators only' }),
  derivedGroups: derivedGroups.optional(),
  loginNamesEditable: z.boolean().optional().meta({ description: 'Administrators and files may change login names' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Brussels')
    .optional()
    .meta({ description: 'IANA name; without one UTC' }),
  importTime: z
    .string()
    .regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time such as 02:30')
    .optional()
    .meta({ description: 'When the watched folder is read, in the time zone of the account' }),
  endDatePolicy: z
    .enum(['deactivate', 'delete'])
    .optional()
    .meta({ description: 'What becomes of a user whose end date has come' }),
};

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

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

function ruleFaults(
  rules: readonly DerivedGroupRule[] | undefined,
  schema: ResourceSchema,
): [Fault, ...Fault[]] | undefined {
  const faults = (rules ?? []).flatMap(({ attribute }, index) => {
    const known = schema.byKey.get(attribute);
    const isText = known?.type === 'string' && !known.multiValued && !known.parent?.multiValued;
    const path = `derivedGroups[${index}].attribute`;
    return isText ? [] : [fault('invalidValue', path, { rule: 'is no single-valued text attribute of a user' })];
  });
  const [first, ...more] = faults;
  return first && [first, ...more];
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
