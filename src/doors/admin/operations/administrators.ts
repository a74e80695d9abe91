// Administrators over the admin API: of an account, and those above accounts. Nobody gives a role that is not theirs to give.

import { z } from 'zod';
import type { Administrator, AdministratorChanges } from '../../../auth/administrator-store.ts';
import type { Administrators } from '../../../auth/administrators.ts';
import { PASSWORD_CHARS_MAX } from '../../../auth/passwords.ts';
import { type Actor, mayGive, ROLES, type Role } from '../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault } from '../../../directory/faults.ts';
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
    user: z.string().optional().meta({ description: 'The user of the directory that this administrator is' }),
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
    orgUnit: text().optional().meta({ description: 'For the org-unit roles: the own unit' }),
    user: text().optional().meta({ description: 'For a Superior: the id of the user' }),
    password: z
      .string()
      .max(PASSWORD_CHARS_MAX)
      .optional()
      .meta({ description: 'Without one, sign-in is over OpenID only' }),
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

/** The operations on administrators, once below an account and once above all. */
export function administratorOperations(options: AdministratorOperationsOptions): Operation[] {
  return [...operationsAt(options, true), ...operationsAt(options, false)];
}

function operationsAt(options: AdministratorOperationsOptions, inAccount: boolean): Operation[] {
  const { administrators } = options;
  const path = inAccount ? '/accounts/{account}/administrators' : '/administrators';
  const suffix = inAccount ? '' : 'System';
  const tag = 'Administrators';
  const read = inAccount ? ('administrators.read' as const) : ('system.administrators' as const);
  const edit = inAccount ? ('administrators.edit' as const) : ('system.administrators' as const);
  const params = inAccount ? accountParams : z.object({});
  const oneParams = params.extend({ administrator: withId('administrator') });
  const accountOf = (caller: Caller) => (inAccount ? caller.account.id : undefined);
  const words = inAccount ? 'of the account' : 'above accounts';

  /** The administrator of this place: another account's does not exist here. */
  async function find(caller: Caller, id: string): Promise<Administrator | undefined> {
    const found = await administrators.byId(id);
    return found && found.account === accountOf(caller) ? found : undefined;
  }

  return [
    operation({
      id: `list${suffix}Administrators`,
      tag,
      method: 'GET',
      path,
      summary: `List administrators ${words}`,
      permission: read,
      params,
      query: pageQuery,
      answers: {
        200: { description: 'A page of administrators', schema: pageOf(administratorSchema, 'Administrator') },
      },
      async handle({ caller, query: { limit, cursor } }) {
        const found = await administrators.list(accountOf(caller) ?? null, {
          limit: limit + 1,
          ...(cursor ? { after: cursor.id } : {}),
        });
        const page = cutPage(found, limit, (last) => ({ key: null, id: last.id }));
        return json(200, { ...page, items: page.items.map(renderAdministrator) });
      },
    }),
    operation({
      id: `create${suffix}Administrator`,
      tag,
      method: 'POST',
      path,
      summary: `Make an administrator ${words}`,
      permission: edit,
      params,
      body: draft,
      idempotent: true,
      answers: { 201: { description: 'The new administrator', schema: administratorSchema } },
      async handle({ caller, session, body }) {
        const refused = await faultsOf(options, caller, session.actor, body);
        if (refused) return faultProblem(refused);
        const account = accountOf(caller);
        const { orgUnit, user, password, ...rest } = body;
        const made = await administrators.create({
          ...rest,
          ...(account === undefined ? {} : { account }),
          ...(orgUnit === undefined ? {} : { orgUnit }),
          ...(user === undefined ? {} : { user }),
          ...(password === undefined ? {} : { password }),
        });
        return made.ok ? administratorAnswer(201, made.value) : faultProblem(made.faults);
      },
    }),
    operation({
      id: `read${suffix}Administrator`,
      tag,
      method: 'GET',
      path: `${path}/{administrator}`,
      summary: `Read an administrator ${words}`,
      permission: read,
      params: oneParams,
      answers: { 200: { description: 'The administrator', schema: administratorSchema } },
      async handle({ caller, params: { administrator } }) {
        const found = await find(caller, String(administrator));
        return found ? administratorAnswer(200, found) : notFound(administrator);
      },
    }),
    operation({
      id: `change${suffix}Administrator`,
      tag,
      method: 'PATCH',
      path: `${path}/{administrator}`,
      summary: `Change an administrator ${words}; a change of rights ends the sessions`,
      permission: edit,
      params: oneParams,
      body: change,
      answers: { 200: { description: 'The administrator', schema: administratorSchema } },
      async handle({ caller, session, params: { administrator }, body }) {
        const found = await find(caller, String(administrator));
        if (!found) return notFound(administrator);
        const ownRights = session.actor.id === found.id && (body.role !== undefined || body.disabled === true);
        if (ownRights) return faultProblem([fault('forbidden', 'role', { rule: 'nobody changes the own rights' })]);
        const refused = await faultsOf(options, caller, session.actor, body);
        if (refused) return faultProblem(refused);
        const changes: AdministratorChanges & { password?: string } = {};
        for (const key of Object.keys(body) as (keyof typeof body)[]) {
          if (body[key] !== undefined) Object.assign(changes, { [key]: body[key] });
        }
        const changed = await administrators.change(found.id, changes);
        return changed.ok ? administratorAnswer(200, changed.value) : faultProblem(changed.faults);
      },
    }),
    operation({
      id: `delete${suffix}Administrator`,
      tag,
      method: 'DELETE',
      path: `${path}/{administrator}`,
      summary: `Remove an administrator ${words}, with all sessions and tokens`,
      permission: edit,
      params: oneParams,
      answers: { 204: { description: 'Removed' } },
      async handle({ caller, session, params: { administrator } }) {
        const found = await find(caller, String(administrator));
        if (!found) return notFound(administrator);
        if (session.actor.id === found.id)
          return faultProblem([fault('forbidden', '', { rule: 'nobody removes themself' })]);
        await administrators.remove(found.id);
        return { ...noContent(), subject: { type: 'Administrator', id: found.id } };
      },
    }),
  ];
}

/** Whether the role may be given, and unit and user are there. Faults: forbidden, unknownReference. */
async function faultsOf(
  { lookup, referenceData }: AdministratorOperationsOptions,
  caller: Caller,
  actor: Actor,
  body: { role?: Role | undefined; orgUnit?: string | null | undefined; user?: string | null | undefined },
): Promise<Faults | undefined> {
  const faults: Fault[] = [];
  if (body.role !== undefined && !mayGive(actor, body.role))
    faults.push(fault('forbidden', 'role', { rule: `${body.role} is not this administrator's to give` }));
  if (body.orgUnit)
    faults.push(...(await unknownReferences(referenceData, caller.account.id, 'orgUnit', [body.orgUnit], 'orgUnit')));
  if (body.user && !(await lookup.user(caller, body.user)))
    faults.push(fault('unknownReference', 'user', { kind: 'user', value: body.user }));
  const [first, ...more] = faults;
  return first && [first, ...more];
}

function notFound(id: unknown): AdminAnswer {
  return faultProblem([fault('notFound', 'Administrator', { id: String(id) })]);
}

function administratorAnswer(status: number, administrator: Administrator): AdminAnswer {
  return {
    ...json(status, renderAdministrator(administrator)),
    subject: { type: 'Administrator', id: administrator.id, name: administrator.email },
  };
}

/** An administrator as it is given: never a hash, never the identity at the provider. */
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
