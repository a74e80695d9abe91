// Writes users as a file that can be edited and imported again; importing it unedited changes nothing. Groups and stores have
// the administrators' names; superiors have the identifier that an import looks them up by.

import { LRUCache } from 'lru-cache';
import type { Administration } from '../../../directory/administration/administration.ts';
import { isOutside } from '../../../directory/administration/user-rights.ts';
import type { Account, Caller, UserView } from '../../../directory/model.ts';
import type { Lookup } from '../../../directory/ports.ts';
import type { CursorPosition, Filter } from '../../../directory/query/query.ts';
import { copyAttributes, elementsAt, primaryElement, textAt } from '../../../directory/schema/attributes.ts';
import { isObject } from '../../../directory/schema/fold.ts';
import type { Attributes } from '../../../directory/schema/schema.ts';
import { type Column, customColumns, EXPORTED, readColumn } from '../format/columns.ts';
import { heading, line } from '../format/write.ts';

export interface ExportOptions {
  lookup: Pick<Lookup, 'user' | 'users'>;
  administration: Pick<Administration, 'shownNames'>;
}

const PAGE = 500;

/** The columns of an account's export. */
function columnsOf({ attributes }: Pick<Account, 'attributes'>): Column[] {
  return [...EXPORTED, ...customColumns(attributes)];
}

/** A file with only the heading. */
export function template(account: Pick<Account, 'attributes'>): string {
  return heading(columnsOf(account).map((column) => column.name));
}

/**
 * The users who match a filter (all without one), in order of creation, read page by page.
 * @throws StoreUnavailable
 */
export async function* exportUsers(
  { lookup, administration }: ExportOptions,
  caller: Caller,
  filter: Filter | undefined,
): AsyncIterable<string> {
  const superiors = new LRUCache<string, string>({ max: 10_000 });

  /** The identifier of a superior in a file; the stored reference if there is no such user. */
  async function superiorNamed(reference: string): Promise<string> {
    const known = superiors.get(reference);
    if (known !== undefined) return known;
    const user = await lookup.user(caller, reference);
    // Of a superior outside of the administrator's scope only the id is shown, which an import reads as unchanged.
    const name = user && !isOutside(caller.actor, user) ? identifier(user) : reference;
    superiors.set(reference, name);
    return name;
  }

  const columns = columnsOf(caller.account);
  yield template(caller.account);
  let after: CursorPosition | undefined;
  do {
    const page = await lookup.users(caller, {
      ...(filter ? { filter } : {}),
      page: { kind: 'cursor', count: PAGE, ...(after ? { after } : {}) },
    });
    const named = await withShownNames(administration, caller, page.resources);
    let text = '';
    for (const user of named) {
      const cells: string[] = [];
      for (const column of columns) cells.push(await cellOf(column, user, superiorNamed));
      text += line(cells);
    }
    if (text !== '') yield text;
    after = page.next;
  } while (after);
}

async function cellOf(column: Column, user: UserView, superiorNamed: (id: string) => Promise<string>): Promise<string> {
  const cell = readColumn(column, user);
  return column.syntax === 'superiorOf' && cell !== '' ? superiorNamed(cell) : cell;
}

/** The identifier of a user in a file: External ID, otherwise e-mail, otherwise login name. */
function identifier({ attributes }: UserView): string {
  const email = primaryElement(attributes, 'emails')?.value;
  return (
    textAt(attributes, 'externalId') ??
    (typeof email === 'string' && email !== '' ? email : (textAt(attributes, 'userName') ?? ''))
  );
}

/** Users whose groups and stores have the administrators' names. */
async function withShownNames(
  administration: Pick<Administration, 'shownNames'>,
  caller: Caller,
  users: UserView[],
): Promise<UserView[]> {
  const groups = new Set<string>();
  const stores = new Set<string>();
  for (const { attributes } of users) {
    for (const group of elementsAt(attributes, 'groups')) if (typeof group.value === 'string') groups.add(group.value);
    for (const store of elementsAt(attributes, 'mobietrain.stores')) {
      if (typeof store.value === 'string') stores.add(store.value);
    }
  }
  const named = await administration.shownNames(caller, { groups: [...groups], stores: [...stores] });
  const groupNames = new Map<string, string>();
  for (const { attributes, adminName } of named.groups.values()) {
    if (adminName === undefined) continue;
    const key = groupKey(
      textAt(attributes, 'externalId'),
      textAt(attributes, 'displayName'),
      textAt(attributes, 'mobietrain.groupType'),
    );
    groupNames.set(key, adminName);
  }
  const storeNames = new Map<string, string>();
  for (const { refId, adminName } of named.stores.values())
    if (adminName !== undefined) storeNames.set(refId, adminName);
  if (groupNames.size === 0 && storeNames.size === 0) return users;
  return users.map((user) => renamed(user, groupNames, storeNames));
}

function groupKey(identity: string | undefined, name: string | undefined, type: string | undefined): string {
  return identity === undefined ? `n:${type ?? ''}\u0000${name ?? ''}` : `x:${identity}`;
}

function renamed(user: UserView, groups: ReadonlyMap<string, string>, stores: ReadonlyMap<string, string>): UserView {
  const part = user.attributes.mobietrain;
  if (!isObject(part)) return user;
  const mobietrain = copyAttributes(part);
  const show = (key: 'userGroups' | 'stores', nameOf: (element: Attributes) => string | undefined) => {
    const elements = elementsAt(mobietrain, key);
    if (elements.length === 0) return;
    mobietrain[key] = elements.map((element) => {
      const display = nameOf(element);
      return display === undefined ? element : { ...element, display };
    });
  };
  show('userGroups', (element) =>
    groups.get(groupKey(textAt(element, 'value'), textAt(element, 'display'), textAt(element, 'type'))),
  );
  show('stores', (element) => stores.get(textAt(element, 'value') ?? ''));
  return { ...user, attributes: { ...user.attributes, mobietrain } };
}
