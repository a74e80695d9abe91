// Changes in the audit trail, as the admin API returns them.

import { z } from 'zod';
import type { AuditRecord } from '../../../directory/history.ts';
import type { HistoryNames } from '../../../directory/history-names.ts';
import { dateTime } from '../api/common-schemas.ts';
import { actorSchema } from './events.ts';

const named = z
  .object({
    type: z.enum(['User', 'Group', 'Store']),
    id: z.string(),
    name: z.string().optional(),
    number: z
      .string()
      .optional()
      .meta({ description: 'The ref id of a store; the employee number of a user, or else the login name' }),
  })
  .meta({ id: 'NamedReference', description: 'What an id stands for today. Without a name and a number, it is gone' });

/** A change in the audit trail. */
export const changeSchema = z
  .object({
    id: z.string(),
    at: dateTime,
    action: z.string(),
    resource: z.string(),
    subject: z.string().meta({ description: 'The id of the resource' }),
    named: named.optional().meta({ description: 'The resource; absent for an account' }),
    door: z.string(),
    connection: z.string(),
    connectionName: z.string().optional().meta({ description: 'Absent if the connection is gone' }),
    credential: z.string(),
    actor: actorSchema.optional(),
    request: z.string().meta({ description: 'The id of the request, which its event has too' }),
    attributes: z.array(z.string()).optional(),
    values: z
      .array(z.object({ attribute: z.string(), before: z.string().optional(), after: z.string().optional() }))
      .optional()
      .meta({ description: 'JSON texts; absent if the attribute had or has no value. Removed by an erasure' }),
    refers: z
      .array(named)
      .optional()
      .meta({ description: 'The stores, groups and superiors whose ids are in `values`' }),
    erased: z.record(z.string(), z.number()).optional().meta({ description: 'Of an erasure: how much was removed' }),
  })
  .meta({ id: 'Change' });

/** A change as the API returns it. */
export function renderChange(change: AuditRecord, names: HistoryNames) {
  const { at, account: _account, ...rest } = change;
  const { refers, ...others } = names.ofChange(change);
  return { at: at.toISOString(), ...rest, ...others, ...(refers.length > 0 ? { refers } : {}) };
}
