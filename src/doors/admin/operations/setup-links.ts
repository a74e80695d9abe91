// Set-up links over the admin API: for the people who connect a customer's identity provider, and who have no account here.

import { z } from 'zod';
import { SETUP_TICKS, type SetupLink } from '../../../auth/setup-link-store.ts';
import { SETUP_DAYS_MAX, type SetupLinks } from '../../../auth/setup-links.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

const linkSchema = z
  .object({
    id: z.string(),
    connection: z.string(),
    created: dateTime,
    expires: dateTime,
    revoked: dateTime.optional(),
    client: z.string().optional().meta({ description: 'The product that was chosen on the page' }),
    tokens: z
      .number()
      .int()
      .meta({ description: 'How many tokens were made on the page; at most two of them are in use' }),
    seen: z
      .partialRecord(z.enum(SETUP_TICKS), dateTime)
      .meta({ description: 'When each kind of call was first seen, while the page was open' }),
  })
  .meta({ id: 'SetupLink' });
const newLink = linkSchema
  .extend({ url: z.string().meta({ description: 'The address of the set-up page; shown only in this response' }) })
  .meta({ id: 'NewSetupLink' });

export interface SetupLinkOperationsOptions {
  setupLinks: SetupLinks;
  /** The address of set-up pages, without a trailing slash. */
  setupUrl: string;
}

/** The operations on set-up links. */
export function setupLinkOperations(options: SetupLinkOperationsOptions): Operation[] {
  return [listSetupLinks(options), createSetupLink(options), revokeSetupLink(options)];
}

function listSetupLinks({ setupLinks }: SetupLinkOperationsOptions): Operation {
  return operation({
    id: 'listSetupLinks',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/setup-links',
    summary: 'List set-up links, the newest first; the links themselves are not stored',
    permission: 'connections.read',
    params: accountParams,
    answers: {
      200: {
        description: 'The links, at most 200',
        schema: z.object({ items: z.array(linkSchema) }).meta({ id: 'SetupLinkList' }),
      },
    },
    handle: async ({ caller }) => json(200, { items: (await setupLinks.list(caller.account.id)).map(rendered) }),
  });
}

function createSetupLink({ setupLinks, setupUrl }: SetupLinkOperationsOptions): Operation {
  return operation({
    id: 'createSetupLink',
    tag: 'Connections',
    method: 'POST',
    path: '/accounts/{account}/connections/{connection}/setup-links',
    summary: "Make a link to the set-up page of a connection, for the people who manage the customer's directory",
    description:
      'The page needs no account: it shows the URL, makes tokens that are shown once, at most two in use, explains the steps of each product, and ticks off the first calls. Send the link only to people who may have a token.',
    permission: 'connections.edit',
    params: accountParams.extend({ connection: withId('connection') }),
    body: z
      .strictObject({
        expiresInDays: z
          .number()
          .int()
          .optional()
          .meta({ description: `7 by default, at most ${SETUP_DAYS_MAX}` }),
      })
      .meta({ id: 'SetupLinkDraft' }),
    confidential: true,
    answers: { 201: { description: 'The new link', schema: newLink } },
    async handle({ caller, params, body }) {
      const created = await setupLinks.create(caller.account, params.connection, body.expiresInDays);
      if (!created.ok) return faultProblem(created.faults);
      const { link, token } = created.value;
      return json(201, { ...rendered(link), url: `${setupUrl}/${token}` });
    },
  });
}

function revokeSetupLink({ setupLinks }: SetupLinkOperationsOptions): Operation {
  return operation({
    id: 'revokeSetupLink',
    tag: 'Connections',
    method: 'DELETE',
    path: '/accounts/{account}/setup-links/{setupLink}',
    summary: 'Withdraw a set-up link; tokens that were made with it keep working',
    permission: 'connections.edit',
    params: accountParams.extend({ setupLink: withId('set-up link') }),
    answers: { 204: { description: 'Withdrawn' } },
    async handle({ caller, params }) {
      const revoked = await setupLinks.revoke(caller.account.id, params.setupLink);
      return revoked.ok ? noContent() : faultProblem(revoked.faults);
    },
  });
}

function rendered({ id, connection, created, expires, revoked, client, tokens, ticks }: SetupLink) {
  return {
    id,
    connection,
    created: created.toISOString(),
    expires: expires.toISOString(),
    ...(revoked ? { revoked: revoked.toISOString() } : {}),
    ...(client ? { client } : {}),
    tokens,
    seen: Object.fromEntries(Object.entries(ticks).map(([tick, at]) => [tick, at.toISOString()])),
  };
}
