// Invitations over the admin API: people are invited, listed by their last days, mailed again, and taken back.

import { z } from 'zod';
import { LANGUAGES, type Language } from '../../../directory/accounts/settings.ts';
import { type Actor, scopeOf } from '../../../directory/administration/permissions.ts';
import { fault, isNonEmpty, type Outcome } from '../../../directory/faults.ts';
import { daysBetween, lastDaysOf, markerOf, newPeriod, todayIn } from '../../../directory/invitations/days.ts';
import type { Invitation, InvitationReader } from '../../../directory/invitations/invitation.ts';
import { type Invitations, type Invited, RESEND_LOCK_MS } from '../../../directory/invitations/invitations.ts';
import { invitationLanguage } from '../../../directory/invitations/inviter.ts';
import type { Account, Caller, UserView } from '../../../directory/model.ts';
import type { Filter } from '../../../directory/query/query.ts';
import { withSuperiorRole } from '../../../directory/reference-data/references.ts';
import { accountAttributesOf } from '../../../directory/schema/account-attributes.ts';
import { elementsAt, setAt, textAt } from '../../../directory/schema/attributes.ts';
import { formFaults } from '../../../directory/users/form.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, wholeNumber, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem, problem } from '../api/problem.ts';
import { type WrittenMail, writtenSchema } from './mails.ts';
import { userDraft } from './user-schemas.ts';
import { customStatements, draftOf, ownPath } from './user-translation.ts';
import { referencesOf } from './users/body-references.ts';
import { findUser, type UserOperationsOptions } from './users/user-operation.ts';

const BATCH_MAX = 100;
const MONTHS_MAX = 120;

/** What happened to the newest message about each of some invitations. @throws StoreUnavailable */
export type FindDeliveries = (
  account: string,
  invitations: readonly string[],
) => Promise<readonly { reference: string; state: string; created: Date; why?: string }[]>;

export interface InvitationOperationsOptions extends UserOperationsOptions {
  invitations: Invitations;
  invitationReader: Pick<InvitationReader, 'byId' | 'open' | 'counts' | 'ofUsers'>;
  deliveries: FindDeliveries;
  /** Writes the message of an invitation that is not sent yet. @throws StoreUnavailable */
  plannedMail: (
    account: Account,
    invitation: { channel: 'mail' | 'sms'; name: string; language: Language; lastDay: string },
  ) => Promise<WrittenMail>;
  now: () => Date;
}

const invitationDraft = z
  .strictObject({
    ...userDraft.omit({ active: true, externalId: true }).shape,
    role: z.enum(['user', 'manager']).default('user').meta({
      description: 'A manager needs a store. Only roles that assign roles may invite managers',
    }),
    groups: z.array(z.string().max(255)).max(1000).optional().meta({
      description: 'Ids or names of user groups; at least one is required',
    }),
    language: z.enum(LANGUAGES).optional().meta({
      description: "The language of the mail; by default that of `preferredLanguage`, or the account's first one",
    }),
    userAgreement: z.boolean().optional().meta({
      description: 'Must be true: it confirms that the person may be written to',
    }),
  })
  .meta({
    id: 'InvitationDraft',
    description: 'A person to invite; a login name is made of the names if there is none',
  });
type Draft = z.output<typeof invitationDraft>;

const invitationSchema = z
  .object({
    id: z.string(),
    user: z.object({
      id: z.string(),
      userName: z.string().optional(),
      givenName: z.string().optional(),
      familyName: z.string().optional(),
      email: z.string().optional(),
      phone: z.string().optional(),
    }),
    language: z.enum(LANGUAGES),
    created: dateTime,
    firstDay: z.string().meta({ description: "In the account's time zone, such as 2026-11-22" }),
    lastDay: z.string().meta({ description: 'The last day on which the person can register, likewise' }),
    daysLeft: z.number().int().meta({ description: 'After today; 0 on the last day' }),
    marker: z
      .enum(['none', 'yellow', 'red'])
      .meta({ description: 'yellow: 7 days or fewer are left; red: 3 or fewer' }),
    resendableFrom: dateTime.optional().meta({ description: 'When it can be sent again; absent if it can be now' }),
    mail: z
      .object({
        state: z.enum(['waiting', 'sent', 'failed', 'kept']),
        queued: dateTime,
        reason: z
          .string()
          .optional()
          .meta({ description: 'Why the last attempt failed, such as bounced: 550 no such user' }),
      })
      .optional()
      .meta({ description: 'What happened to the newest message about it' }),
  })
  .meta({ id: 'Invitation' });

const previewDraft = z
  .strictObject({
    channel: z.enum(['mail', 'sms']).default('mail'),
    name: z.string().max(1000).optional().meta({ description: 'The first name of the person' }),
    language: z.enum(LANGUAGES).optional(),
    preferredLanguage: z.string().max(1000).optional(),
  })
  .meta({ id: 'InvitationPreviewDraft' });
const previewSchema = writtenSchema
  .extend({
    language: z.enum(LANGUAGES),
    lastDay: z.string().meta({ description: 'The last day on which the person could register' }),
    channel: z.enum(['mail', 'sms']),
  })
  .meta({ id: 'InvitationPreview' });

const invitationParams = accountParams.extend({ invitation: withId('invitation') });
const answers = { 200: { description: 'The invitation', schema: invitationSchema } };

/** The operations on invitations. */
export function invitationOperations(options: InvitationOperationsOptions): Operation[] {
  return [
    listInvitations(options),
    createInvitation(options),
    createInvitations(options),
    previewInvitation(options),
    countInvitations(options),
    readInvitation(options),
    resendInvitation(options),
    revokeInvitation(options),
  ];
}

function listInvitations(options: InvitationOperationsOptions): Operation {
  const { invitationReader, now } = options;
  return operation({
    id: 'listInvitations',
    tag: 'Invitations',
    method: 'GET',
    path: '/accounts/{account}/invitations',
    summary: 'List open invitations, those that end soonest first',
    description:
      'Invitations of people outside of your scope are left out, so a page can have fewer items than its limit.',
    permission: 'users.read',
    params: accountParams,
    query: pageQuery.extend({
      marker: z.enum(['none', 'yellow', 'red']).optional(),
      user: withId('user').optional().meta({ description: 'Only the open invitation of this user' }),
    }),
    answers: { 200: { description: 'A page of invitations', schema: pageOf(invitationSchema, 'Invitation') } },
    async handle({ caller, session: { actor }, query: { limit, marker, user }, after, nextCursor }) {
      if (user !== undefined) {
        const theirs = await invitationReader.ofUsers(caller.account.id, [user]);
        const open = theirs.filter(({ state }) => state === 'open');
        return json(200, { items: await render(options, caller, await withUsers(options, caller, actor, open)) });
      }
      const today = todayIn(caller.account, now());
      const found = await invitationReader.open(caller.account.id, {
        ...(marker === undefined ? {} : lastDaysOf(marker, today)),
        ...(after ? { after: { lastDay: String(after.key), id: after.id } } : {}),
        limit: limit + 1,
      });
      const { items, next } = cutPage(found, limit, ({ lastDay, id }) => ({ key: lastDay, id }), nextCursor);
      const shown = await render(options, caller, await withUsers(options, caller, actor, items));
      return json(200, { items: shown, ...(next === undefined ? {} : { next }) });
    },
  });
}

function createInvitation(options: InvitationOperationsOptions): Operation {
  return operation({
    id: 'createInvitation',
    tag: 'Invitations',
    method: 'POST',
    path: '/accounts/{account}/invitations',
    summary: 'Invite a person',
    description:
      'Creates the user, who is invited until registered, and sends the mail; without an e-mail, a text message.',
    permission: 'users.invite',
    params: accountParams,
    body: invitationDraft,
    idempotent: true,
    answers: { 201: { description: 'The new invitation', schema: invitationSchema } },
    async handle({ caller, body }) {
      const invited = await invite(options, caller, body);
      if (!invited.ok) return faultProblem(invited.faults, ownPath);
      const answer = await answerOf(options, caller, 201, invited.value);
      const { id } = invited.value.invitation;
      const location = `/api/v1/accounts/${caller.account.slug}/invitations/${id}`;
      return { ...answer, headers: { ...answer.headers, Location: location } };
    },
  });
}

function createInvitations(options: InvitationOperationsOptions): Operation {
  return operation({
    id: 'createInvitations',
    tag: 'Invitations',
    method: 'POST',
    path: '/accounts/{account}/invitations/batch',
    summary: 'Invite several people',
    description: `At most ${BATCH_MAX}. Each is invited or refused alone, in this order.`,
    permission: 'users.invite',
    params: accountParams,
    body: z
      .strictObject({ invitations: z.array(invitationDraft).min(1).max(BATCH_MAX) })
      .meta({ id: 'InvitationBatch' }),
    idempotent: true,
    answers: {
      200: {
        description: 'What happened to each, in the order of the request',
        schema: z
          .object({
            results: z.array(
              z.object({
                status: z.number().int(),
                invitation: invitationSchema.optional(),
                problem: z.looseObject({ detail: z.string() }).optional(),
              }),
            ),
          })
          .meta({ id: 'InvitationResults' }),
      },
    },
    async handle({ caller, body }) {
      const results = [];
      for (const draft of body.invitations) {
        const invited = await invite(options, caller, draft);
        if (invited.ok) {
          const [invitation] = await render(options, caller, [invited.value]);
          results.push({ status: 201, invitation });
        } else {
          const refusal = faultProblem(invited.faults, ownPath);
          results.push({ status: refusal.status, problem: refusal.body });
        }
      }
      return json(200, { results });
    },
  });
}

function previewInvitation({ plannedMail, now }: InvitationOperationsOptions): Operation {
  return operation({
    id: 'previewInvitation',
    tag: 'Invitations',
    method: 'POST',
    path: '/accounts/{account}/invitations/preview',
    summary: 'Show the mail or text message that an invitation would send',
    description: 'Nobody is invited, and the link leads nowhere.',
    permission: 'users.invite',
    params: accountParams,
    body: previewDraft,
    answers: { 200: { description: 'The message', schema: previewSchema } },
    async handle({ caller: { account }, body: { channel, name = '', language: wanted, preferredLanguage } }) {
      const language = invitationLanguage(account, wanted, preferredLanguage);
      const { lastDay } = newPeriod(account, now());
      const written = await plannedMail(account, { channel, name, language, lastDay });
      return json(200, { language, lastDay, channel, ...written });
    },
  });
}

function countInvitations({ invitationReader }: InvitationOperationsOptions): Operation {
  return operation({
    id: 'countInvitations',
    tag: 'Invitations',
    method: 'GET',
    path: '/accounts/{account}/invitations/counts',
    summary: 'Count invitations by the month in which they were sent',
    description: 'All that is kept of invitations that were revoked or have expired.',
    permission: 'users.read',
    params: accountParams,
    query: z.object({
      months: wholeNumber(1, MONTHS_MAX).default(12).meta({ description: 'How many months, the newest first' }),
    }),
    answers: {
      200: {
        description: 'The counts',
        schema: z
          .object({
            items: z.array(
              z.object({
                month: z.string(),
                sent: z.number().int(),
                used: z.number().int().meta({ description: 'The person registered' }),
                takenOver: z.number().int().meta({ description: 'A sync or a file brought the person' }),
                revoked: z.number().int(),
                expired: z.number().int(),
              }),
            ),
          })
          .meta({ id: 'InvitationCounts' }),
      },
    },
    handle: async ({ caller, query }) =>
      json(200, { items: await invitationReader.counts(caller.account.id, query.months) }),
  });
}

function readInvitation(options: InvitationOperationsOptions): Operation {
  return operation({
    id: 'readInvitation',
    tag: 'Invitations',
    method: 'GET',
    path: '/accounts/{account}/invitations/{invitation}',
    summary: 'Retrieve an open invitation',
    permission: 'users.read',
    params: invitationParams,
    answers,
    async handle({ caller, session: { actor }, params }) {
      const found = await find(options, caller, actor, params.invitation);
      return found ? answerOf(options, caller, 200, found) : notFound(params.invitation);
    },
  });
}

function resendInvitation(options: InvitationOperationsOptions): Operation {
  return operation({
    id: 'resendInvitation',
    tag: 'Invitations',
    method: 'POST',
    path: '/accounts/{account}/invitations/{invitation}/resend',
    summary: 'Send an invitation again',
    description: 'Possible again 24 hours after the last use. The mail has a link that works; the last day stays.',
    permission: 'users.invite',
    params: invitationParams,
    answers: { ...answers, 409: { description: 'It was sent again less than 24 hours ago' } },
    async handle({ caller, session: { actor }, params }) {
      const found = await find(options, caller, actor, params.invitation);
      if (!found) return notFound(params.invitation);
      const sent = await options.invitations.resend(caller, found.invitation, found.user);
      if (sent.ok) return answerOf(options, caller, 200, { ...found, invitation: sent.invitation });
      if (sent.reason === 'over') return notFound(params.invitation);
      if (sent.reason === 'refused') return faultProblem(sent.faults, ownPath);
      const from = sent.from.toISOString();
      const seconds = Math.max(1, Math.ceil((sent.from.getTime() - options.now().getTime()) / 1000));
      const detail = `It was sent again less than 24 hours ago. It can be sent again from ${from}.`;
      return problem(409, 'resendLocked', detail, { 'Retry-After': String(seconds) });
    },
  });
}

function revokeInvitation(options: InvitationOperationsOptions): Operation {
  return operation({
    id: 'revokeInvitation',
    tag: 'Invitations',
    method: 'DELETE',
    path: '/accounts/{account}/invitations/{invitation}',
    summary: 'Take an invitation back, and erase the person',
    description: 'The person is erased as by an erasure; the links end. An anonymous count stays.',
    permission: 'users.invite',
    params: invitationParams,
    answers: { 204: { description: 'Taken back' } },
    async handle({ caller, session: { actor }, params }) {
      const found = await find(options, caller, actor, params.invitation);
      if (!found) return notFound(params.invitation);
      const revoked = await options.invitations.revoke(caller, found.invitation);
      return revoked.ok
        ? { ...noContent(), subject: { type: 'User', id: found.user.id } }
        : faultProblem(revoked.faults, ownPath);
    },
  });
}

async function invite(options: InvitationOperationsOptions, caller: Caller, body: Draft): Promise<Outcome<Invited>> {
  const { role, language, userAgreement, groups = [], ...person } = body;
  const named = await groupsNamed(options, caller, groups);
  const references = await referencesOf(options, caller, person);
  const own = customStatements(body, accountAttributesOf(options.schemasOf(caller.account)));
  const draft = draftOf({ ...person, groups: named.ids }, references.stores, own.stated);
  const roles = elementsAt(draft.attributes, 'roles');
  if (role === 'manager') setAt(draft.attributes, 'roles', withSuperiorRole(roles, true));
  const faults = [
    ...named.faults,
    ...own.faults,
    ...formFaults(undefined, draft.attributes),
    ...references.faults(undefined),
  ];
  if (isNonEmpty(faults)) return { ok: false, faults };
  return options.invitations.invite(caller, { ...draft, language, agreed: userAgreement === true });
}

async function groupsNamed({ references }: InvitationOperationsOptions, caller: Caller, groups: readonly string[]) {
  const found = await Promise.all(groups.map((text) => references.groupId(caller, text)));
  return {
    ids: [...new Set(found.flatMap((one) => (one.ok ? [one.id] : [])))],
    faults: found.flatMap((one) => (one.ok ? [] : [fault('unknownReference', 'groups', one.fault.params)])),
  };
}

/** An open invitation of a user in the actor's scope. */
async function find(
  { invitationReader, lookup }: InvitationOperationsOptions,
  caller: Caller,
  actor: Actor,
  id: string,
): Promise<Invited | undefined> {
  const invitation = await invitationReader.byId(caller.account.id, id);
  if (invitation?.state !== 'open' || invitation.user === undefined) return undefined;
  const user = await findUser(lookup, caller, actor, invitation.user);
  return user && { invitation, user };
}

function notFound(id: string): AdminAnswer {
  return faultProblem([fault('notFound', 'Invitation', { id })]);
}

/** The invitations whose users are in the actor's scope, in one query. */
async function withUsers(
  { lookup, schema }: InvitationOperationsOptions,
  caller: Caller,
  actor: Actor,
  invitations: readonly Invitation[],
): Promise<Invited[]> {
  const ids = invitations.flatMap(({ user }) => user ?? []);
  const attribute = schema.byKey.get('id');
  if (ids.length === 0 || !attribute) return [];
  const among: Filter = {
    kind: 'or',
    terms: ids.map((value) => ({ kind: 'compare', attribute, operator: 'eq', value })),
  };
  const scope = scopeOf(actor, schema);
  const { resources } = await lookup.users(caller, {
    filter: scope ? { kind: 'and', terms: [among, scope] } : among,
    page: { kind: 'cursor', count: ids.length },
  });
  const users = new Map(resources.map((user) => [user.id, user]));
  return invitations.flatMap((invitation) => {
    const user = users.get(invitation.user ?? '');
    return user ? [{ invitation, user }] : [];
  });
}

async function answerOf(options: InvitationOperationsOptions, caller: Caller, status: number, invited: Invited) {
  const [body] = await render(options, caller, [invited]);
  const name = textAt(invited.user.attributes, 'userName');
  const subject = { type: 'User', id: invited.user.id, ...(name === undefined ? {} : { name }) };
  return { ...json(status, body ?? {}), subject };
}

async function render({ deliveries, now }: InvitationOperationsOptions, caller: Caller, invited: readonly Invited[]) {
  const found = await deliveries(
    caller.account.id,
    invited.map(({ invitation }) => invitation.id),
  );
  const mails = new Map(found.map((delivery) => [delivery.reference, delivery]));
  return invited.map(({ invitation, user }) => {
    const { id, language, created, day, lastDay, resent } = invitation;
    const today = todayIn(caller.account, now());
    const mail = mails.get(id);
    const from = resent && new Date(resent.getTime() + RESEND_LOCK_MS);
    return {
      id,
      user: personOf(user),
      language,
      created: created.toISOString(),
      firstDay: day,
      lastDay,
      daysLeft: daysBetween(today, lastDay),
      marker: markerOf(lastDay, today),
      ...(from && from > now() ? { resendableFrom: from.toISOString() } : {}),
      ...(mail
        ? {
            mail: {
              state: mail.state,
              queued: mail.created.toISOString(),
              ...(mail.why === undefined ? {} : { reason: mail.why }),
            },
          }
        : {}),
    };
  });
}

function personOf({ id, attributes }: UserView) {
  const first = (key: string) => {
    const [element] = elementsAt(attributes, key);
    return typeof element?.value === 'string' ? element.value : undefined;
  };
  const values = {
    userName: textAt(attributes, 'userName'),
    givenName: textAt(attributes, 'name.givenName'),
    familyName: textAt(attributes, 'name.familyName'),
    email: first('emails'),
    phone: first('phoneNumbers'),
  };
  return { id, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) };
}
