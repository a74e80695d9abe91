// Administrators over the admin API: those of an account, and System Administrators, who belong to none.

import { z } from 'zod';
import type { Administrator, AdministratorChanges } from '../../../auth/administrator-store.ts';
import type { Administrators } from '../../../auth/administrators.ts';
import { PASSWORD_CHARS_MAX } from '../../../auth/passwords.ts';
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
import { type ReferenceData, unknownReferences } from '../../../directory/reference-data/reference-data.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

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
    password: z.string().max(PASSWORD_CHARS_MAX).optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'AdministratorChange' });

interface AdministratorOperationsOptions {
  administrators: Administrators;
  lookup: Lookup;
  referenceData: ReferenceData;
}

/** What decides what an administrator may do, and to whom: nobody changes it of themselves. */
const OWN_RIGHTS = ['role', 'disabled', 'orgUnit', 'user'] as const;

/** Where administrators are managed: in an account, or above all accounts. */
interface Level {
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
const administratorParam = { administrator: withId('administrator') };

const LEVELS: Level[] = [
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
      return found ? administratorAnswer(200, found) : notFound(id);
    },
  });
}

function changeAdministrator(options: AdministratorOperationsOptions, level: Level): Operation {
  return operation({
    id: `change${level.infix}Administrator`,
    tag: 'Administrators',
    method: 'PATCH',
    path: `${level.path}/{administrator}`,
    summary: `Update an administrator ${level.words}; a change of rights ends their sessions`,
    permission: level.edit,
    params: level.params.extend(administratorParam),
    body: change,
    answers: { 200: { description: 'The administrator', schema: administratorSchema } },
    async handle({ caller, session, params: { administrator: id }, body }) {
      const found = await findAdministrator(options.administrators, level, caller, id);
      if (!found) return notFound(id);
      const own = session.actor.id === found.id ? OWN_RIGHTS.find((key) => body[key] !== undefined) : undefined;
      if (own !== undefined)
        return faultProblem([fault('forbidden', own, { rule: 'you cannot change your own rights' })]);
      const refused = await faultsOf(options, caller, session.actor, body);
      if (refused) return faultProblem(refused);
      const changes: AdministratorChanges & { password?: string } = {};
      for (const key of Object.keys(body) as (keyof typeof body)[]) {
        if (body[key] !== undefined) Object.assign(changes, { [key]: body[key] });
      }
      const changed = await options.administrators.change(found.id, changes);
      return changed.ok ? administratorAnswer(200, changed.value) : faultProblem(changed.faults);
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
      if (!found) return notFound(id);
      if (session.actor.id === found.id)
        return faultProblem([fault('forbidden', '', { rule: 'you cannot remove yourself' })]);
      await administrators.remove(found.id);
      return { ...noContent(), subject: { type: 'Administrator', id: found.id } };
    },
  });
}

/** An administrator of this level and, within an account, of the caller's account. */
async function findAdministrator(
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
  { lookup, referenceData }: AdministratorOperationsOptions,
  caller: Caller,
  actor: Actor,
  body: { role?: Role | undefined; orgUnit?: string | null | undefined; user?: string | null | undefined },
): Promise<Faults | undefined> {
  const faults: Fault[] = [];
  if (body.role !== undefined && !mayGive(actor, body.role))
    faults.push(fault('forbidden', 'role', { rule: `you cannot give the role ${body.role}` }));
  if (body.orgUnit)
    faults.push(...(await unknownReferences(referenceData, caller.account.id, 'orgUnit', [body.orgUnit], 'orgUnit')));
  if (body.user && !(await lookup.user(caller, body.user)))
    faults.push(fault('unknownReference', 'user', { kind: 'user', value: body.user }));
  return isNonEmpty(faults) ? faults : undefined;
}

function notFound(id: string): AdminAnswer {
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
