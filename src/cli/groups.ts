// The commands on user groups.

import type { Command } from 'commander';
import type { GroupView } from '../directory/model.ts';
import { setAt, textAt } from '../directory/schema/attributes.ts';
import { emptyAttributes } from '../directory/schema/schema.ts';
import {
  type AccountOptions,
  accepted,
  accountOptions,
  administratorCaller,
  type ListOptions,
  listOptions,
  name,
  show,
  showDeleted,
  withAccount,
} from './session.ts';
import { table } from './tables.ts';

/** Adds `group list`, `group create`, `group rename` and `group delete`. */
export function groupCommands(group: Command): void {
  listOptions(group.command('list').description('list user groups')).action(list);
  accountOptions(group.command('create').argument('<name>', 'name of the group', name))
    .description('create a user group')
    .option('--type <type>', 'type of the group, such as Department')
    .option('--external-id <id>', 'ID of the group at its source')
    .action(create);
  accountOptions(group.command('rename').argument('<id>', 'id of the group (see group list)'))
    .argument('<name>', 'new display name', name)
    .description("set the display name of a group; SCIM clients still see the source's name")
    .action(rename);
  accountOptions(group.command('delete').argument('<id>', 'id of the group (see group list)'))
    .description('delete a user group')
    .action(remove);
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { administration }, account }) => {
    const search = options.search === undefined ? {} : { search: options.search };
    const page = await administration.groups(administratorCaller(account), { count: options.limit, ...search });
    show(options, page.resources, groupTable);
  });
}

interface CreateOptions extends AccountOptions {
  type?: string;
  externalId?: string;
}

function create(displayName: string, options: CreateOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { provision }, account }) => {
    const draft = emptyAttributes();
    setAt(draft, 'displayName', displayName);
    setAt(draft, 'externalId', options.externalId);
    setAt(draft, 'mobietrain.groupType', options.type);
    const created = await provision.createGroup(administratorCaller(account), draft, []);
    show(options, [accepted(created)], groupTable);
  });
}

function rename(id: string, adminName: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { provision }, account }) => {
    const renamed = await provision.updateGroup(administratorCaller(account), id, undefined, ({ attributes }) => ({
      ok: true,
      revision: { mode: 'patch', attributes, stated: new Set(), members: { kind: 'none' }, adminName },
    }));
    show(options, [accepted(renamed)], groupTable);
  });
}

function remove(id: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { provision }, account }) => {
    accepted(await provision.deleteGroup(administratorCaller(account), id, undefined));
    showDeleted(options, id);
  });
}

function groupTable(groups: GroupView[]): string {
  const rows = groups.map(({ id, adminName, attributes }) => [
    id,
    adminName ?? textAt(attributes, 'displayName') ?? '',
    textAt(attributes, 'mobietrain.groupType') ?? '-',
    textAt(attributes, 'externalId') ?? '-',
  ]);
  return table([['ID', 'NAME', 'TYPE', 'EXTERNAL ID'], ...rows]);
}
