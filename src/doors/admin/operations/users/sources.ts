// Who put what on a user: the sources of attributes and links, and the last changes of the status.

import { z } from 'zod';
import type { FindHistoryNames } from '../../../../directory/history-names.ts';
import type { ReadUserSources } from '../../../../directory/users/sources.ts';
import { dateTime } from '../../api/common-schemas.ts';
import { json, type Operation, operation } from '../../api/operation.ts';
import { changeSchema, renderChange } from '../changes.ts';
import { findUser, type UserOperationsOptions, userNotFound, userParams } from './user-operation.ts';

const connection = z
  .object({ id: z.string(), name: z.string().optional() })
  .meta({ id: 'NamedConnection', description: 'The name is absent if the connection no longer exists' });
const origin = z
  .object({
    kind: z.enum(['inline', 'push', 'derived', 'administrator']).meta({
      description:
        'A list on the user, the member list of the group, an attribute from which the group is derived, or an administrator',
    }),
    connection: connection.optional(),
    attribute: z.string().optional(),
  })
  .meta({ id: 'LinkOrigin', description: 'One reason why a link exists' });
const since = {
  at: dateTime
    .optional()
    .meta({ description: 'Since when it is so; absent if the change is not among the latest 200' }),
  request: z.string().optional().meta({
    description: 'The id of the request that made it so; of a row of a file, the id of the import, `:` and its number',
  }),
  door: z.string().optional(),
};
const link = z
  .object({ id: z.string().optional(), name: z.string().optional(), origins: z.array(origin), ...since })
  .meta({ id: 'SourcedLink', description: 'Without an id if no group or store was found for the values' });
const sourcesSchema = z
  .object({
    attributes: z
      .array(z.object({ attribute: z.string(), connection, ...since }))
      .meta({ description: 'The connection that wrote each attribute last; without those in `status`' }),
    groups: z.array(link),
    stores: z.array(link),
    status: z
      .object({ active: changeSchema.optional(), blocked: changeSchema.optional() })
      .meta({ description: 'Who last changed whether the user is active and blocked, and when' }),
  })
  .meta({ id: 'UserSources' });

export interface SourcesOptions extends Pick<UserOperationsOptions, 'lookup'> {
  userSources: ReadUserSources;
  historyNames: FindHistoryNames;
}

/** Who put what on a user. */
export function readUserSources({ lookup, userSources, historyNames }: SourcesOptions): Operation {
  return operation({
    id: 'readUserSources',
    tag: 'Users',
    method: 'GET',
    path: '/accounts/{account}/users/{user}/sources',
    summary: 'Retrieve who put what on a user: attributes, groups, stores and the status',
    permission: 'users.events',
    params: userParams,
    answers: { 200: { description: 'The sources', schema: sourcesSchema } },
    async handle({ caller, session, params }) {
      const view = await findUser(lookup, caller, session.actor, params.user);
      const sources = view && (await userSources(caller, params.user));
      if (!sources) return userNotFound(params.user);
      const { active, blocked } = sources.status;
      const names = await historyNames(caller.account, [active ?? [], blocked ?? []].flat());
      const status = {
        ...(active ? { active: renderChange(active, names) } : {}),
        ...(blocked ? { blocked: renderChange(blocked, names) } : {}),
      };
      const { attributes, groups, stores } = sources;
      return json(200, {
        attributes: attributes.map(withTime),
        groups: groups.map(withTime),
        stores: stores.map(withTime),
        status,
      });
    },
  });
}

function withTime<T extends { at?: Date }>({ at, ...rest }: T) {
  return { ...rest, ...(at ? { at: at.toISOString() } : {}) };
}
