// Owns the secret of the server's own mongod: a key file that only its owner can read. A mongod that is started with it asks everybody for
// a password, so that other users of the machine cannot read the data. The holder of the key is `__system`, who may do everything; that is
// how the user of the server is created, and why a lost key file costs nothing: the next one sets the password again.

import { createHmac, randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { type Document, MongoClient, MongoServerError } from 'mongodb';

/** The secret of one data folder. */
export interface Access {
  /** The path of the key file, for `--keyFile`. */
  keyFile: string;
  key: string;
}

/** Runs a command on the database `admin`. */
export type Command = (command: Document) => Promise<Document>;

const USER = 'mobietrain';
const KEY_BYTES = 48;
const ASK_MS = 1500;
const MECHANISM = 'SCRAM-SHA-256';
const CODE_AUTHENTICATION_FAILED = 18;
const CODE_USER_NOT_FOUND = 11;

/** Reads the key file, or creates it. The caller holds the folder's lock. @throws Error of the file system */
export async function openAccess(keyFile: string): Promise<Access> {
  const stored = (await readFile(keyFile, 'utf8').catch(absent)).trim();
  if (stored !== '') {
    // mongod refuses a key that others can read, as a restored copy may be.
    await chmod(keyFile, 0o600);
    return { keyFile, key: stored };
  }
  const key = randomBytes(KEY_BYTES).toString('base64');
  await writeFile(`${keyFile}.new`, `${key}\n`, { mode: 0o600 });
  await rename(`${keyFile}.new`, keyFile);
  return { keyFile, key };
}

function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

/** The URI with which the server connects. It contains the password. */
export function uriOf(port: number, replicaSet: string, { key }: Access): string {
  return `mongodb://${USER}:${passwordOf(key)}@127.0.0.1:${port}/?replicaSet=${replicaSet}&authSource=admin`;
}

function passwordOf(key: string): string {
  return createHmac('sha256', key).update(USER).digest('hex');
}

/** Connects to the mongod on this port as its owner. @throws what the driver throws, after 1.5 s if nothing answers */
export async function withAdmin<T>(port: number, { key }: Access, work: (command: Command) => Promise<T>): Promise<T> {
  return await connected(port, { username: '__system', password: key, source: 'local' }, work);
}

/** Creates the user of the server, or sets the password that belongs to the key. The mongod must accept writes. */
export async function ensureUser(port: number, access: Access): Promise<void> {
  const pwd = passwordOf(access.key);
  const user = { username: USER, password: pwd, source: 'admin' };
  const isUser = await connected(port, user, (command) => command({ ping: 1 })).then(() => true, unlessRefused);
  if (isUser) return;
  const more = { roles: ['root'], mechanisms: [MECHANISM], writeConcern: { w: 'majority', j: true } };
  await withAdmin(port, access, async (command) => {
    await command({ updateUser: USER, pwd, ...more }).catch(async (error: unknown) => {
      if (!(error instanceof MongoServerError) || error.code !== CODE_USER_NOT_FOUND) throw error;
      await command({ createUser: USER, pwd, ...more });
    });
  });
}

function unlessRefused(error: unknown): false {
  if (error instanceof MongoServerError && error.code === CODE_AUTHENTICATION_FAILED) return false;
  throw error;
}

interface Credentials {
  username: string;
  password: string;
  source: string;
}

async function connected<T>(
  port: number,
  { username, password, source }: Credentials,
  work: (command: Command) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    auth: { username, password },
    authSource: source,
    authMechanism: MECHANISM,
    serverSelectionTimeoutMS: ASK_MS,
    connectTimeoutMS: ASK_MS,
    socketTimeoutMS: ASK_MS * 2,
    maxPoolSize: 1,
  });
  try {
    return await work((command) => client.db('admin').command(command));
  } finally {
    await client.close();
  }
}
