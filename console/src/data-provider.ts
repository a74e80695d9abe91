// The data of react-admin over the admin API. Lists have cursors: the cursor of each page is remembered for its filter and order.

import type { DataProvider, GetListParams, HttpError, RaRecord } from 'react-admin';
import { sendToAccount } from './api.ts';
import { ask, type OtherChange } from './questions.ts';

interface PageAnswer {
  items: RaRecord[];
  total?: number;
  next?: string;
}

/** Lists that the API answers whole; what is in them has no address of its own. */
const WHOLE = new Set(['attributes', 'connections', 'credentials', 'setup-links', 'clients']);
const PAGE_MAX = 500;

const cursors = new Map<string, (string | undefined)[]>();

/** Forgets the cursors, as another account has others. */
export function forgetPages(): void {
  cursors.clear();
}

async function pageOf(resource: string, { filter = {}, pagination, sort }: Partial<GetListParams>) {
  const { page = 1, perPage = 25 } = pagination ?? {};
  const order = resource === 'users' && sort && sort.field !== 'id' ? { sort: sort.field } : {};
  const query = { ...(filter as Record<string, string>), ...order, limit: perPage };
  const key = JSON.stringify([resource, query]);
  const known = cursors.get(key) ?? [undefined];
  cursors.set(key, known);
  let answer: PageAnswer = { items: [] };
  for (let at = Math.min(page, known.length); at <= page; at += 1) {
    const cursor = known[at - 1];
    answer = (await sendToAccount<PageAnswer>(`/${resource}`, { query: { ...query, cursor } })).json;
    known[at] = answer.next;
    if (answer.next === undefined && at < page) return { items: [], total: answer.total };
  }
  return answer;
}

async function getList(resource: string, params: Partial<GetListParams>) {
  if (WHOLE.has(resource)) {
    const { items } = withIds((await sendToAccount<PageAnswer>(`/${resource}`)).json);
    const { filter = {} } = params;
    const data = items.filter((item) =>
      Object.entries(filter as object).every(([name, value]) => item[name] === value),
    );
    return { data, total: data.length };
  }
  const { items, total, next } = await pageOf(resource, params);
  const { page = 1 } = params.pagination ?? {};
  const { perPage = 25 } = params.pagination ?? {};
  // The last page tells how many there are.
  const known = total ?? (next === undefined ? (page - 1) * perPage + items.length : undefined);
  if (known !== undefined) return { data: items, total: known };
  return { data: items, pageInfo: { hasNextPage: true, hasPreviousPage: page > 1 } };
}

/** Custom attributes are known by their names. */
function withIds({ items }: PageAnswer): PageAnswer {
  return { items: items.map((item) => ({ ...item, id: item.id ?? item.name })) };
}

async function getOne(resource: string, id: string | number) {
  if (!WHOLE.has(resource))
    return withGroupIds(
      resource,
      (await sendToAccount<RaRecord>(`/${resource}/${encodeURIComponent(String(id))}`)).json,
    );
  const { data } = await getList(resource, { pagination: { page: 1, perPage: PAGE_MAX } });
  const found = data.find((item) => item.id === id);
  if (!found) throw new Error('ra.page.not_found');
  return found;
}

/** What changed, without what the API does not take back. */
function changesOf(data: Record<string, unknown>, previous: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.entries(data).filter(
    ([name, value]) => !READ_ONLY.has(name) && JSON.stringify(value) !== JSON.stringify(previous[name]),
  );
  return Object.fromEntries(changed.map(([name, value]) => [name, value === '' || value === undefined ? null : value]));
}

const READ_ONLY = new Set([
  'id',
  'version',
  'created',
  'modified',
  'status',
  'missing',
  'hasExternalId',
  'sourceName',
  'users',
]);

/** A user as forms have it: groups by id beside those with names. */
function withGroupIds(resource: string, record: RaRecord): RaRecord {
  if (resource !== 'users' || !Array.isArray(record.groups)) return record;
  return { ...record, groupIds: (record.groups as { id: string }[]).map(({ id }) => id) };
}

/** The same as the API takes it. */
function withGroups(resource: string, data: Record<string, unknown>): Record<string, unknown> {
  if (resource !== 'users') return data;
  const { groupIds, groups: _shown, ...rest } = data;
  return groupIds === undefined ? rest : { ...rest, groups: groupIds };
}

/** Saves a change. If somebody else has changed the record meanwhile, the administrator sees what, and decides. */
async function save(
  resource: string,
  path: string,
  body: Record<string, unknown>,
  previous: RaRecord,
): Promise<RaRecord> {
  const send = async (values: Record<string, unknown>, version: number | undefined) =>
    (await sendToAccount<RaRecord>(path, { method: 'PATCH', body: values, version })).json;
  try {
    return await send(body, previous.version as number | undefined);
  } catch (error) {
    if ((error as HttpError).status !== 412) throw error;
    const current = await getOne(resource, previous.id);
    const changes = othersChanges(body, withGroups(resource, previous), withGroups(resource, current));
    const answer = await ask({ kind: 'conflict', changes });
    if (answer === 'cancel') throw error;
    const taken = new Set(answer === 'theirs' ? changes.map(({ field }) => field) : []);
    const kept = Object.fromEntries(Object.entries(body).filter(([name]) => !taken.has(name)));
    return Object.keys(kept).length > 0 ? save(resource, path, kept, current) : current;
  }
}

/** What differs between the record that was read and the one there is now. */
function othersChanges(
  body: Record<string, unknown>,
  previous: Record<string, unknown>,
  current: Record<string, unknown>,
): OtherChange[] {
  const text = (value: unknown) => (typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value));
  return [...new Set([...Object.keys(previous), ...Object.keys(current)])]
    .filter((name) => !READ_ONLY.has(name) && JSON.stringify(previous[name]) !== JSON.stringify(current[name]))
    .map((field) => ({
      field,
      theirs: text(current[field]),
      yours: field in body ? text(body[field]) : undefined,
    }));
}

export const dataProvider: DataProvider = {
  getList: async (resource, params) => (await getList(resource, params)) as never,
  getOne: async (resource, { id }) => ({ data: (await getOne(resource, id)) as never }),
  async getMany(resource, { ids }) {
    const found = await Promise.all([...new Set(ids)].map((id) => getOne(resource, id).catch(() => undefined)));
    return { data: found.filter((one) => one !== undefined) as never };
  },
  async getManyReference(resource, { target, id, ...params }) {
    return (await getList(resource, { ...params, filter: { ...params.filter, [target]: id } })) as never;
  },
  async create(resource, { data }) {
    const body = Object.fromEntries(
      Object.entries(data as object).filter(([, value]) => value !== '' && value !== null),
    );
    const { json } = await sendToAccount<RaRecord>(`/${resource}`, {
      method: 'POST',
      body: withGroups(resource, body),
    });
    return { data: { ...json, id: json.id ?? json.name } as never };
  },
  async update(resource, { id, data, previousData }) {
    const body = changesOf(withGroups(resource, data), withGroups(resource, previousData as Record<string, unknown>));
    if (Object.keys(body).length === 0) return { data: previousData as never };
    const path = `/${resource}/${encodeURIComponent(String(id))}`;
    return { data: (await save(resource, path, body, previousData as RaRecord)) as never };
  },
  async delete(resource, { id, previousData }) {
    await sendToAccount(`/${resource}/${encodeURIComponent(String(id))}`, { method: 'DELETE' });
    return { data: (previousData ?? { id }) as never };
  },
  async deleteMany(resource, { ids }) {
    for (const id of ids) await sendToAccount(`/${resource}/${encodeURIComponent(String(id))}`, { method: 'DELETE' });
    return { data: ids };
  },
  async updateMany() {
    throw new Error('not offered');
  },
};
