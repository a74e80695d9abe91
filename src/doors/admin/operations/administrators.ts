// Administrators over the admin API: those of an account, and System Administrators, who belong to none.

import { z } from 'zod';
import type { Administrator } from '../../../auth/administrator-store.ts';
import type { AdministratorChange, Administrators, ChangedAdministrator } from '../../../auth/administrators.ts';
import { scopeFaults } from '../../../directory/administration/administrator-scope.ts';
import { changesCredentials, credentialFault } from '../../../directory/administration/credential-rules.ts';
import {
  type Actor,
  mayGive,
  type Operation as Permission,
  ROLES,
  type Role,
} from '../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault, isNonEmpty } from '../../../directory/faults.ts';
import type { Caller } from '../../../directory/model.ts';
import type { Lookup } from '../../../directory/ports.ts';
import type { ReferenceData } from '../../../directory/reference-data/reference-data.ts';
import { PASSWORD_CHARS_MAX } from '../../../directory/users/password-sync.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { type AdminRequest, type AdminSession, json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';
import { browserOf, postponed } from '../sign-in/browser.ts';
import type { SessionCookies } from '../sign-in/cookies.ts';

const text = () => z.string().max(1000);

export const administratorSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    orgUnit: z.string().optional(),
    user: z.string().optional().meta({ description: 'The id of the directory user who this administrator is' }),
    disabled: z.boolean(),
    created: dateTime,
    lastSignIn: dateTime.optional(),
  })
  .meta({ id: 'Administrator' });

/** How many sessions and personal tokens a change ended. */
export const endedSchema = z
  .object({ sessions: z.number().int(), tokens: z.number().int() })
  .optional()
  .meta({ description: 'How many sessions and personal tokens the change ended; absent if it ends none' });

const draft = z
  .strictObject({
    email: text().min(1),
    name: text().min(1),
    role: z.enum(ROLES),
    orgUnit: text().optional().meta({ description: 'The org unit, for roles that are limited to one' }),
    user: text().optional().meta({
      description:
        "The id of the administrator's own user in the directory: the scope of a Superior follows from it, and nobody changes the rights of their own user",
    }),
    password: z
      .string()
      .max(PASSWORD_CHARS_MAX)
      .optional()
      .meta({ description: 'Without a password, the administrator can sign in only through OpenID' }),
  })
  .meta({ id: 'AdministratorDraft' });

const change = z
  .strictObject({
    email: text().optional(),
    name: text().optional(),
    role: z.enum(ROLES).optional(),
    orgUnit: text().nullable().optional(),
    user: text().nullable().optional(),
    password: z
      .string()
      .max(PASSWORD_CHARS_MAX)
      .optional()
      .meta({ description: 'Your own, or as a System Administrator that of another' }),
    currentPassword: z
      .string()
      .max(PASSWORD_CHARS_MAX)
      .optional()
      .meta({ description: 'Your current password, to change your own password or e-mail address' }),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'AdministratorChange' });

interface AdministratorOperationsOptions {
  administrators: Administrators;
  lookup: Lookup;
  referenceData: ReferenceData;
  cookies: SessionCookies;
}

/** What decides what an administrator may do, and to whom: nobody changes it of themselves. */
const OWN_RIGHTS = ['role', 'disabled', 'orgUnit', 'user'] as const;

/** Where administrators are managed: in an account, or above all accounts. */
export interface Level {
  path: string;
  /** Part of the operation ids. */
  infix: '' | 'System';
  /** Follows "administrator" in the summaries. */
  words: string;
  read: Permission;
  edit: Permission;
  params: typeof noParams;
  accountOf(caller: Caller): string | undefined;
}

const noParams = z.object({});
export const administratorParam = { administrator: withId('administrator') };

export const LEVELS: Level[] = [
  {
    path: '/accounts/{account}/administrators',
    infix: '',
    words: 'of an account',
    read: 'administrators.read',
    edit: 'administrators.edit',
    params: accountParams,
    accountOf: (caller) => caller.account.id,
  },
  {
    path: '/administrators',
    infix: 'System',
    words: 'of the whole system',
    read: 'system.administrators',
    edit: 'system.administrators',
    params: noParams,
    accountOf: () => undefined,
  },
];

/** The operations on administrators, once for each level. */
export function administratorOperations(options: AdministratorOperationsOptions): Operation[] {
  return LEVELS.flatMap((level) => [
    listAdministrators(options, level),
    createAdministrator(options, level),
    readAdministrator(options, level),
    changeAdministrator(options, level),
    deleteAdministrator(options, level),
    sendPasswordLink(options, level),
  ]);
}

function listAdministrators({ administrators }: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `list${level.infix}Administrators`,
    tag: 'Administrators',
    method: 'GET',
    path: level.path,
    summary: `List the administrators ${level.words}`,
    permission: level.read,
    params: level.params,
    query: pageQuery,
    answers: {
      200: { description: 'A page of administrators', schema: pageOf(administratorSchema, 'Administrator') },
    },
    async handle({ caller, query: { limit }, after, nextCursor }) {
      const found = await administrators.list(level.accountOf(caller) ?? null, {
        limit: limit + 1,
        ...(after ? { after: after.id } : {}),
      });
      const page = cutPage(found, limit, (last) => ({ key: null, id: last.id }), nextCursor);
      return json(200, { ...page, items: page.items.map(renderAdministrator) });
    },
  });
}

function createAdministrator(options: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `create${level.infix}Administrator`,
    tag: 'Administrators',
    method: 'POST',
    path: level.path,
    summary: `Create an administrator ${level.words}`,
    permission: level.edit,
    params: level.params,
    body: draft,
    idempotent: true,
    answers: { 201: { description: 'The new administrator', schema: administratorSchema } },
    async handle({ caller, session, body }) {
      const refused = await faultsOf(options, caller, session.actor, body);
      if (refused) return faultProblem(refused);
      const account = level.accountOf(caller);
      const { orgUnit, user, password, ...rest } = body;
      const created = await options.administrators.create({
        ...rest,
        ...(account === undefined ? {} : { account }),
        ...(orgUnit === undefined ? {} : { orgUnit }),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
      });
      return created.ok ? administratorAnswer(201, created.value) : faultProblem(created.faults);
    },
  });
}

function readAdministrator({ administrators }: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `read${level.infix}Administrator`,
    tag: 'Administrators',
    method: 'GET',
    path: `${level.path}/{administrator}`,
    summary: `Retrieve an administrator ${level.words}`,
    permission: level.read,
    params: level.params.extend(administratorParam),
    answers: { 200: { description: 'The administrator', schema: administratorSchema } },
    async handle({ caller, params: { administrator: id } }) {
      const found = await findAdministrator(administrators, level, caller, id);
      return found ? administratorAnswer(200, found) : noAdministrator(id);
    },
  });
}

function changeAdministrator(options: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `change${level.infix}Administrator`,
    tag: 'Administrators',
    method: 'PATCH',
    path: `${level.path}/{administrator}`,
    summary: `Update an administrator ${level.words}`,
    description:
      'Another role or org unit ends their sessions. A new password, another user or `disabled` ends sessions and personal tokens for good.',
    permission: level.edit,
    params: level.params.extend(administratorParam),
    body: change,
    answers: {
      200: {
        description: 'The administrator',
        schema: administratorSchema.extend({ ended: endedSchema }).meta({ id: 'ChangedAdministrator' }),
      },
    },
    async handle(request) {
      const { caller, session, params, body } = request;
      const found = await findAdministrator(options.administrators, level, caller, params.administrator);
      if (!found) return noAdministrator(params.administrator);
      const isOwn = session.actor.id === found.id;
      const own = isOwn ? OWN_RIGHTS.find((key) => body[key] !== undefined) : undefined;
      if (own !== undefined)
        return faultProblem([fault('forbidden', own, { rule: 'you cannot change your own rights' })]);
      const refused =
        (await credentialFaults(options, session, found, body)) ??
        (await faultsOf(options, caller, session.actor, body));
      if (refused) return faultProblem(refused);
      if (isOwn && changesCredentials({ target: found, ...body })) return changeOwn(options, found, request);
      const changed = await options.administrators.change(found.id, changesOf(body));
      return changed.ok ? changedAnswer(changed.value) : faultProblem(changed.faults);
    },
  });
}

type ChangeBody = z.output<typeof change>;

/** The stated values of a body. */
function changesOf({ currentPassword: _current, ...body }: ChangeBody): AdministratorChange {
  const stated = Object.entries(body).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated);
}

/** Changes the caller's own credentials, after checking the current password; a new password means a new session. */
async function changeOwn(
  { administrators, cookies }: AdministratorOperationsOptions,
  { id }: Administrator,
  request: Pick<AdminRequest<unknown, unknown, ChangeBody>, 'body' | 'remoteAddress' | 'headers'>,
): Promise<AdminAnswer> {
  const { body } = request;
  const changed = await administrators.changeOwn(id, changesOf(body), {
    current: body.currentPassword,
    browser: browserOf(request),
  });
  if ('reason' in changed) return postponed(changed);
  if (!changed.ok) return faultProblem(changed.faults);
  const { session } = changed.value;
  const answer = changedAnswer(changed.value);
  if (!session) return answer;
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookies.session(session.token, session.expires) } };
}

function changedAnswer({ administrator, ended }: ChangedAdministrator): AdminAnswer {
  const answer = administratorAnswer(200, administrator);
  return { ...answer, body: { ...answer.body, ...(ended ? { ended } : {}) } };
}

/** Whether the caller may change the credentials that a body names. Faults: forbidden. */
async function credentialFaults(
  { administrators }: AdministratorOperationsOptions,
  { actor, browser }: AdminSession,
  target: Administrator,
  { email, password }: ChangeBody,
): Promise<Faults | undefined> {
  const hasCredentials = await administrators.hasCredentials(target.id);
  const refusal = credentialFault({
    actor,
    isInBrowser: browser !== undefined,
    target,
    hasCredentials,
    email,
    password,
  });
  return refusal && [refusal];
}

function sendPasswordLink({ administrators }: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `send${level.infix}PasswordLink`,
    tag: 'Administrators',
    method: 'POST',
    path: `${level.path}/{administrator}/password-link`,
    summary: `Send a link to set a password to an administrator ${level.words}`,
    description:
      'The link goes to their e-mail address, works once and is valid for a day. It is an invitation for those without a password.',
    permission: level.edit,
    browserOnly: true,
    params: level.params.extend(administratorParam),
    answers: { 204: { description: 'The mail is stored to be sent' } },
    async handle({ caller, params: { administrator: id } }) {
      const found = await findAdministrator(administrators, level, caller, id);
      if (!found) return noAdministrator(id);
      const sent = await administrators.sendPasswordLink(found.id);
      if ('reason' in sent) return postponed(sent);
      return sent.ok ? noContent() : faultProblem(sent.faults);
    },
  });
}

function deleteAdministrator({ administrators }: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `delete${level.infix}Administrator`,
    tag: 'Administrators',
    method: 'DELETE',
    path: `${level.path}/{administrator}`,
    summary: `Delete an administrator ${level.words}, with all sessions and tokens`,
    permission: level.edit,
    params: level.params.extend(administratorParam),
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, session, params: { administrator: id } }) {
      const found = await findAdministrator(administrators, level, caller, id);
      if (!found) return noAdministrator(id);
      if (session.actor.id === found.id)
        return faultProblem([fault('forbidden', '', { rule: 'you cannot remove yourself' })]);
      const removed = await administrators.remove(found.id);
      if (!removed.ok) return faultProblem(removed.faults);
      return { ...noContent(), subject: { type: 'Administrator', id: found.id } };
    },
  });
}

/** An administrator of this level and, within an account, of the caller's account. */
export async function findAdministrator(
  administrators: Administrators,
  level: Level,
  caller: Caller,
  id: string,
): Promise<Administrator | undefined> {
  const found = await administrators.byId(id);
  return found && found.account === level.accountOf(caller) ? found : undefined;
}

/** Checks that the actor may give the role, and that the org unit and the user exist. Faults: forbidden, unknownReference. */
async function faultsOf(
  options: AdministratorOperationsOptions,
  caller: Caller,
  actor: Actor,
  body: { role?: Role | undefined; orgUnit?: string | null | undefined; user?: string | null | undefined },
): Promise<Faults | undefined> {
  const faults: Fault[] = [];
  if (body.role !== undefined && !mayGive(actor, body.role))
    faults.push(fault('forbidden', 'role', { rule: `you cannot give the role ${body.role}` }));
  faults.push(...(await scopeFaults(options, caller, body)));
  return isNonEmpty(faults) ? faults : undefined;
}

/** 404: the caller manages no administrator with this id. */
export function noAdministrator(id: string): AdminAnswer {
  return faultProblem([fault('notFound', 'Administrator', { id })]);
}

function administratorAnswer(status: number, administrator: Administrator): AdminAnswer {
  return {
    ...json(status, renderAdministrator(administrator)),
    subject: { type: 'Administrator', id: administrator.id, name: administrator.email },
  };
}

/** An administrator as the API returns it, without the password hash and the OpenID identity. */
export function renderAdministrator({
  id,
  email,
  name,
  role,
  orgUnit,
  user,
  disabled,
  created,
  lastSignIn,
}: Administrator) {
  return {
    id,
    email,
    name,
    role,
    ...(orgUnit === undefined ? {} : { orgUnit }),
    ...(user === undefined ? {} : { user }),
    disabled,
    created: created.toISOString(),
    ...(lastSignIn ? { lastSignIn: lastSignIn.toISOString() } : {}),
  };
}
