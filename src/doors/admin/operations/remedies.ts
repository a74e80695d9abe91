// The remedies over the admin API: for each code of an event the cause, what to do, and where to read more.

import { z } from 'zod';
import { LANGUAGES } from '../../../directory/accounts/settings.ts';
import { listRemedies } from '../../remedies.ts';
import { json, type Operation, operation } from '../api/operation.ts';

const remedySchema = z
  .object({
    code: z.string().meta({ description: 'A code of a fault, a keyword of SCIM, or a status' }),
    cause: z.string(),
    fix: z.string().meta({ description: 'What to do' }),
    page: z
      .string()
      .meta({ description: 'The path of the section about it on the troubleshooting page of this server' }),
  })
  .meta({ id: 'Remedy' });

/** The operation that lists remedies. */
export function remedyOperations(): Operation[] {
  return [
    operation({
      id: 'listRemedies',
      tag: 'Events',
      method: 'GET',
      path: '/remedies',
      summary: 'List the cause of each code in the faults of events, and what to do',
      description: 'A code that is not among them has the remedy of `unknown`.',
      permission: 'signedIn',
      query: z.object({
        language: z
          .enum(LANGUAGES)
          .optional()
          .meta({ description: 'The language of the sentences; English by default' }),
      }),
      answers: {
        200: {
          description: 'The remedies',
          schema: z.object({ items: z.array(remedySchema) }).meta({ id: 'Remedies' }),
        },
      },
      handle: async ({ query: { language } }) => json(200, { items: listRemedies(language) }),
    }),
  ];
}
