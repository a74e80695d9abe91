// Erasure over the admin API: of an existing user, or of a person whose user was deleted before, by identifiers.

import { z } from 'zod';
import { removalFault } from '../../../directory/administration/user-rights.ts';
import type { Erased, Erasure } from '../../../directory/erasure/erasure.ts';
import { COUNTED_MAX } from '../../../directory/erasure/preview.ts';
import type { Outcome } from '../../../directory/faults.ts';
import { accountParams, withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const LISTED_MAX = 20;
const text = () => z.string().max(255);
const texts = (description: string) => z.array(text()).max(LISTED_MAX).optional().meta({ description });

const knownSchema = z
  .strictObject({
    userNames: texts('Login names, including former ones'),
    externalIds: texts('External IDs'),
    emails: texts('E-mail addresses'),
    phones: texts('Phone numbers with their country codes'),
    names: z
      .array(z.strictObject({ given: text(), family: text() }))
      .max(LISTED_MAX)
      .optional()
      .meta({ description: 'First and last names: used for rows that contain no identifier' }),
  })
  .meta({ id: 'KnownAs', description: 'The identifiers and names by which a person is or was known' });

const deletedSchema = knownSchema
  .extend({ ids: z.array(z.string().max(64)).max(LISTED_MAX).optional().meta({ description: 'Ids of deleted users' }) })
  .meta({
    id: 'DeletedPerson',
    description:
      'The identifiers and names of a deleted person; at least an id, a login name, an External ID or an e-mail is required',
  });

const count = (description: string) => z.number().int().meta({ description });

const erasedSchema = z
  .object({
    users: count('Users deleted: 1, or 0 if the user was deleted before'),
    administrators: count('Administrators of the account who were the same person: deleted'),
    files: count('Files changed, renamed or removed'),
    rows: count('Rows and blocks in results of imports'),
    events: count('Events whose bodies and names were removed'),
    mails: count('Mails that had not been sent yet'),
    answers: count('Stored answers to requests with an Idempotency-Key'),
    reports: count('Users who referred to the person as their manager by text'),
    unfinished: count('Unfinished files and imports, which were skipped: they may recreate the person'),
    unconfirmed: count('Named values that nothing stored confirms to be an identity of a person: ignored'),
  })
  .meta({ id: 'Erased', description: 'Counts of what was erased' });

const most = (description: string) => count(description).meta({ maximum: COUNTED_MAX, description });

const previewSchema = z
  .object({
    administrators: most('Administrators of the account who are the same person'),
    events: most('Recorded requests'),
    rows: most('Rows in results of imports'),
    blocks: most('Blocks of XML files'),
    changes: most('Changes in the audit trail with values'),
    mails: most('Mails to the person whose text is still stored'),
    invitations: most('Invitations'),
    signIns: most('Sessions, tokens and links by which the person signs in'),
    reports: most('Users who refer to the person as their manager by text'),
  })
  .meta({ id: 'ErasurePreview', description: `What is known to be stored; no count goes beyond ${COUNTED_MAX}` });

const answers = { 200: { description: 'What was erased', schema: erasedSchema } };
const AGAIN =
  'Can be repeated, and continues where it was interrupted. Files that are waiting to be imported are not changed.';

interface ErasureOperationsOptions {
  erasure: Erasure;
}

/** The operations of erasure. */
export function erasureOperations(options: ErasureOperationsOptions): Operation[] {
  return [previewErasure(options), eraseUser(options), eraseDeletedPerson(options)];
}

function previewErasure({ erasure }: ErasureOperationsOptions): Operation {
  return operation({
    id: 'previewErasure',
    tag: 'Users',
    method: 'GET',
    path: '/accounts/{account}/users/{user}/erasure',
    summary: 'Count what an erasure of a user would take away',
    description: 'As far as indexes lead to it. An erasure also searches kept files and texts for the person.',
    permission: 'users.erase',
    params: accountParams.extend({ user: withId('user') }),
    answers: { 200: { description: 'The counts', schema: previewSchema } },
    async handle({ caller, params }) {
      const preview = await erasure.preview(caller, params.user, (current) => removalFault(caller.actor, current));
      return preview.ok ? json(200, preview.value) : faultProblem(preview.faults);
    },
  });
}

function eraseUser({ erasure }: ErasureOperationsOptions): Operation {
  return operation({
    id: 'eraseUser',
    tag: 'Users',
    method: 'POST',
    path: '/accounts/{account}/users/{user}/erase',
    summary: 'Delete a user and erase the person from all stored data',
    description: `Erases the person from files, import results, events and unsent mails. Also works for a user who was deleted before. ${AGAIN}`,
    permission: 'users.erase',
    params: accountParams.extend({ user: withId('user') }),
    body: knownSchema.optional(),
    conditional: true,
    confidential: true,
    answers,
    async handle({ caller, params, precondition, body }) {
      const outcome = await erasure.eraseUser(caller, params.user, precondition, body ?? {}, (current) =>
        removalFault(caller.actor, current),
      );
      return erasedAnswer(outcome);
    },
  });
}

function eraseDeletedPerson({ erasure }: ErasureOperationsOptions): Operation {
  return operation({
    id: 'eraseDeletedPerson',
    tag: 'Users',
    method: 'POST',
    path: '/accounts/{account}/erasures',
    summary: 'Erase a person whose user was deleted before',
    description: `Refused if a value is or was an identity of an existing user. A value counts only if a deleted user, a recorded request or an earlier erasure had it as an identity. ${AGAIN}`,
    permission: 'users.erase',
    params: accountParams,
    body: deletedSchema,
    confidential: true,
    answers,
    handle: async ({ caller, body }) => erasedAnswer(await erasure.eraseDeleted(caller, body)),
  });
}

function erasedAnswer(outcome: Outcome<Erased>): AdminAnswer {
  return outcome.ok ? json(200, outcome.value) : faultProblem(outcome.faults);
}
