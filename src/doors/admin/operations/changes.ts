// Changes in the audit trail, as the admin API returns them.

import { z } from 'zod';
import type { AuditRecord } from '../../../directory/history.ts';
import { dateTime } from '../api/common-schemas.ts';
import { actorSchema } from './events.ts';

/** A change in the audit trail. */
export const changeSchema = z
  .object({
    id: z.string(),
    at: dateTime,
    action: z.string(),
    resource: z.string(),
    subject: z.string().meta({ description: 'The id of the resource' }),
    door: z.string(),
    connection: z.string(),
    credential: z.string(),
    actor: actorSchema.optional(),
    request: z.string().meta({ description: 'The id of the request, which its event has too' }),
    attributes: z.array(z.string()).optional(),
    values: z
      .array(z.object({ attribute: z.string(), before: z.string().optional(), after: z.string().optional() }))
      .optional()
      .meta({ description: 'JSON texts; absent if the attribute had or has no value. Removed by an erasure' }),
    erased: z.record(z.string(), z.number()).optional().meta({ description: 'Of an erasure: how much was removed' }),
  })
  .meta({ id: 'Change' });

/** A change as the API returns it. */
export function renderChange({ at, account: _account, ...rest }: AuditRecord) {
  return { at: at.toISOString(), ...rest };
}
