// The made-up account that bench/links.ts measures on: users of about 1.2 KB, ordinary groups, and groups of set sizes.
// Deterministic, so that two runs measure the same documents.

import type { AnyBulkWriteOperation, Collection, Db, Document } from 'mongodb';
import { v7 as uuid } from 'uuid';

export const ACCOUNT = '01890a5d-ac96-774b-bcce-b302099a8057';
export const ORIGIN = 'push:01890a5d-ac96-774b-bcce-b302099a8058';

export interface Link {
  group: string;
  origins: string[];
}

export interface UserDocument {
  _id: string;
  account: string;
  version: number;
  data: Document;
  fold: { userName: string };
  /** Shape A only. */
  groups?: Link[];
}

export interface GroupDocument {
  _id: string;
  account: string;
  version: number;
  name: string;
}

export interface MembershipDocument {
  account: string;
  group: string;
  user: string;
  origins: string[];
}

/** The memberships before anything is measured. */
export interface Population {
  /** Users in ordinary groups only; these are added. */
  spares: string[];
  /** Groups of a set size, smallest first, with their members in random order. */
  sized: { group: string; members: string[] }[];
  /** Users in exactly 20 groups; these are deleted. */
  leavers: string[];
  /** A user with the maximum number of links. */
  joiner: string;
  groups: string[];
  links: Map<string, string[]>;
}

const ORDINARY_GROUPS = 1000;
const ORDINARY_PER_USER = 4;
const LEAVERS = 40;
const LEAVER_GROUPS = 20;
/** The maximum number of links of a user. */
export const LINKS_MAX = 1000;

/** A small generator of numbers in [0, 1) (mulberry32): the same sequence in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle<T>(items: T[], next: () => number): T[] {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    const swapped = items[i] as T;
    items[i] = items[j] as T;
    items[j] = swapped;
  }
  return items;
}

/** Plans an account of `users` users and `spares` users who are in no sized group; `sizes` are the member counts of the sized groups. */
export function plan(users: number, spares: number, sizes: number[]): Population {
  const next = random(7);
  const ids = Array.from({ length: users + spares + LEAVERS + 1 }, () => uuid());
  const groups = Array.from({ length: ORDINARY_GROUPS }, () => uuid());
  const links = new Map<string, string[]>();
  for (const id of ids) {
    const mine = new Set<string>();
    while (mine.size < ORDINARY_PER_USER) mine.add(groups[Math.floor(next() * groups.length)] as string);
    links.set(id, [...mine]);
  }
  // Shuffled, so that members and new users are spread over the index.
  shuffle(ids, next);
  const joiner = ids.pop() as string;
  links.set(joiner, groups.slice(0, LINKS_MAX - 1));
  const leavers = ids.splice(0, LEAVERS);
  for (const id of leavers) links.set(id, shuffle([...groups], next).slice(0, LEAVER_GROUPS));
  const free = ids.splice(0, spares);
  const sized = sizes.map((size) => {
    const group = uuid();
    const members = ids.slice(0, size);
    for (const id of members) links.get(id)?.push(group);
    return { group, members };
  });
  return { spares: free, sized, leavers, joiner, groups: [...groups, ...sized.map((s) => s.group)], links };
}

function userData(id: string, n: number): Document {
  const login = `given${n}.family${n}@company-${n % 40}.example`;
  return {
    externalId: `${id.slice(0, 18)}-ext-${n}`,
    userName: login,
    name: { givenName: `Given${n}`, familyName: `Family${n}`, formatted: `Given${n} Family${n}` },
    displayName: `Given${n} Family${n}`,
    active: true,
    title: 'Assistant store manager',
    preferredLanguage: 'nl-BE',
    timezone: 'Europe/Brussels',
    emails: [
      { value: login, type: 'work', primary: true },
      { value: `home${n}@mail.example`, type: 'home' },
    ],
    phoneNumbers: [{ value: `+3247${String(n).padStart(7, '0')}`, type: 'mobile', primary: true }],
    addresses: [
      {
        type: 'work',
        streetAddress: `Langestraat ${n % 300}`,
        locality: 'Antwerpen',
        region: 'Antwerpen',
        postalCode: '2000',
        country: 'BE',
      },
    ],
    roles: [{ value: 'user', display: 'Learner', type: 'role', primary: true }],
    enterprise: {
      employeeNumber: String(100000 + n),
      costCenter: `CC-${n % 200}`,
      organization: 'Retail Group',
      division: 'Stores',
      department: `Department ${n % 60}`,
      manager: { value: id, displayName: 'Someone Else' },
    },
    mobietrain: { companyId: `C${n % 40}`, country: 'BE', organizationalUnit: `Region ${n % 12}`, customField01: 'x' },
  };
}

export function userDocument(id: string, n: number): UserDocument {
  const data = userData(id, n);
  return { _id: id, account: ACCOUNT, version: 1, data, fold: { userName: String(data.userName) } };
}

async function insertAll<T extends Document>(into: Collection<T>, documents: Iterable<T>): Promise<void> {
  let batch: AnyBulkWriteOperation<T>[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await into.bulkWrite(batch, { ordered: false });
    batch = [];
  };
  for (const document of documents) {
    batch.push({ insertOne: { document } } as AnyBulkWriteOperation<T>);
    if (batch.length === 5000) await flush();
  }
  await flush();
}

/** Writes the planned account in both shapes and creates the indexes of each. */
export async function populate(db: Db, population: Population): Promise<void> {
  const { links } = population;
  const ids = [...links.keys()].sort();
  function* usersA(): Iterable<UserDocument> {
    for (const [n, id] of ids.entries()) {
      const groups = (links.get(id) ?? []).map((group) => ({ group, origins: [ORIGIN] }));
      yield { ...userDocument(id, n), groups };
    }
  }
  function* usersB(): Iterable<UserDocument> {
    for (const [n, id] of ids.entries()) yield userDocument(id, n);
  }
  function* memberships(): Iterable<MembershipDocument> {
    for (const id of ids) {
      for (const group of links.get(id) ?? []) yield { account: ACCOUNT, group, user: id, origins: [ORIGIN] };
    }
  }
  const groups = population.groups.map((_id, n) => ({ _id, account: ACCOUNT, version: 1, name: `Group ${n}` }));
  await insertAll(db.collection<UserDocument>('users_a'), usersA());
  await insertAll(db.collection<UserDocument>('users_b'), usersB());
  await insertAll(db.collection<MembershipDocument>('memberships'), memberships());
  for (const suffix of ['a', 'b']) {
    await insertAll(db.collection<GroupDocument>(`groups_${suffix}`), groups);
    const users = db.collection(`users_${suffix}`);
    await users.createIndex({ account: 1, _id: 1 });
    await users.createIndex({ account: 1, 'fold.userName': 1 }, { unique: true });
  }
  await db.collection('users_a').createIndex({ account: 1, 'groups.group': 1, _id: 1 });
  await db.collection('memberships').createIndex({ account: 1, group: 1, user: 1 }, { unique: true });
  await db.collection('memberships').createIndex({ account: 1, user: 1 });
}
