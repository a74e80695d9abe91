// Erasure over the admin API: of a user who is here, or of a person who was deleted before and is named by what they were known by.

import { z } from 'zod';
import { within } from '../../../directory/administration/permissions.ts';
import type { Erased, Erasure } from '../../../directory/erasure/erasure.ts';
import { fault, type Outcome } from '../../../directory/faults.ts';
import { accountParams, withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const LISTED_MAX = 20;
const text = () => z.string().max(255);
const texts = (description: string) => z.array(text()).max(LISTED_MAX).optional().meta({ description });

const knownSchema = z
  .strictObject({
    userNames: texts('Login names, former ones too'),
    externalIds: texts('External IDs'),
    emails: texts('E-mail addresses'),
    phones: texts('Phone numbers with their country codes'),
    names: z
      .array(z.strictObject({ given: text(), family: text() }))
      .max(LISTED_MAX)
      .optional()
      .meta({ description: 'First and last names: they mean the person in rows that name nobody by an identifier' }),
  })
  .meta({ id: 'KnownAs', description: 'What a person is or was known by' });

const deletedSchema = knownSchema
  .extend({ ids: z.array(z.string().max(64)).max(LISTED_MAX).optional().meta({ description: 'Ids of deleted users' }) })
  .meta({
    id: 'DeletedPerson',
    description: 'What a person was known by; an id, a login name, an External ID or an e-mail',
  });

const count = (description: string) => z.number().int().meta({ description });

const erasedSchema = z
  .object({
    users: count('Users deleted: 1, or 0 where that was done before'),
    files: count('Files changed or removed'),
    rows: count('Rows and blocks in results of imports'),
    events: count('Requests whose bodies and names were taken out of the events'),
    mails: count('Mails that still waited to be sent'),
    answers: count('Answers kept for requests with an Idempotency-Key'),
    reports: count('Users who named the person as a manager by a text'),
    unfinished: count('Files and imports that are not through and were left alone: they may bring the person back'),
  })
  .meta({ id: 'Erased', description: 'What was erased, in numbers' });

const answers = { 200: { description: 'What was erased', schema: erasedSchema } };
const AGAIN = 'Can be repeated, and goes on where it was interrupted. Files that wait to be imported are not touched.';

/** The operations of erasure. */
export function erasureOperations({ erasure }: { erasure: Erasure }): Operation[] {
  return [
    operation({
      id: 'eraseUser',
      tag: 'Users',
      method: 'POST',
      path: '/accounts/{account}/users/{user}/erase',
      summary: 'Delete a user, and erase the person from everything that is kept',
      description: `From files and results of imports, events, and mails that wait; the traces too of a user who was deleted before. ${AGAIN}`,
      permission: 'users.erase',
      params: accountParams.extend({ user: withId('user') }),
      body: knownSchema.optional(),
      conditional: true,
      confidential: true,
      answers,
      async handle({ caller, session, params, precondition, body }) {
        const outcome = await erasure.eraseUser(caller, params.user, precondition, body ?? {}, (current) =>
          within(session.actor, current) ? undefined : fault('notFound', 'User', { id: params.user }),
        );
        return erasedAnswer(outcome);
      },
    }),
    operation({
      id: 'eraseDeletedPerson',
      tag: 'Users',
      method: 'POST',
      path: '/accounts/{account}/erasures',
      summary: 'Erase the traces of a person who was deleted before',
      description: `A value that a user has who is here is refused. ${AGAIN}`,
      permission: 'users.erase',
      params: accountParams,
      body: deletedSchema,
      confidential: true,
      answers,
      handle: async ({ caller, body }) => erasedAnswer(await erasure.eraseDeleted(caller, body)),
    }),
  ];
}

function erasedAnswer(outcome: Outcome<Erased>): AdminAnswer {
  return outcome.ok ? json(200, outcome.value) : faultProblem(outcome.faults);
}
