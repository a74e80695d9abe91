// The commands on connections, the sources of an account's data. They are the operations of the admin API.

import { type Command, Option } from 'commander';
import { composeSetupLinks } from '../app/setup.ts';
import { changeConnection, createConnection } from '../auth/connections.ts';
import { SETUP_DAYS_MAX } from '../auth/setup-links.ts';
import {
  CONNECTION_KINDS,
  type ConnectionChange,
  UNKNOWN_ATTRIBUTES,
  unknownAttributesOf,
} from '../directory/accounts/accounts.ts';
import { soonestExpiry } from '../directory/health/tokens.ts';
import type { Connection, ConnectionKind, RequestActor, UnknownAttributes } from '../directory/model.ts';
import { SETUP_BASE } from '../doors/setup/door.ts';
import { healthText, type ShownHealth } from './connection-health.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, printNote, type Shown, showList, showOne } from './frame/output.ts';
import { concerns } from './frame/recording.ts';
import {
  type AccountOptions,
  accepted,
  accountOf,
  accountOptions,
  listed,
  name,
  perform,
  settingsFor,
  wholeNumber,
  withAccount,
  withStore,
} from './session.ts';
import { shortDate } from './tables.ts';
import { mustFindConnection } from './targets.ts';
import { actorWords } from './users/history.ts';
import { watchCommand } from './watch.ts';

const CONNECTION = 'name or id of the connection (see connection list)';
const KIND = 'what the source is';
const EVENTS_MAX = 1000;
const EVENTS_DEFAULT = 50;

interface SetOptions extends AccountOptions {
  unknownAttributes?: UnknownAttributes | 'default';
  storesAndUnits?: 'read' | 'write';
}

interface CreateOptions extends SetOptions {
  kind?: ConnectionKind;
  sandbox?: true;
}

interface EventsOptions extends AccountOptions {
  connection?: string;
  failed?: boolean;
  limit: number;
}

/** What is shown of an event; `at` is a time such as `2026-11-22T09:30:00.000Z`. */
interface ShownEvent {
  at: string;
  door: string;
  actor?: RequestActor;
  method: string;
  path: string;
  status: number;
  faults?: { code: string; error?: string; detail: string }[];
}

/** Adds `connection list`, `create`, `kind`, `set`, `setup-link`, `health`, `events` and `watch`. */
export function connectionCommands(connection: Command): void {
  accountOptions(connection.command('list'))
    .description('list connections with their settings, the time of their last call, and when their token expires')
    .action(list);
  settingOptions(accountOptions(connection.command('create').argument('<name>', 'name of the connection', name)))
    .description('create a connection; token create also does')
    .addOption(new Option('--kind <kind>', `${KIND}; inferred from the name by default`).choices(CONNECTION_KINDS))
    .option('--sandbox', 'for tests: administrators can send requests as this connection from the console')
    .action(create);
  const kind = connection.command('kind').argument('<connection>', CONNECTION);
  accountOptions(kind.addArgument(kind.createArgument('[kind]', KIND).choices(CONNECTION_KINDS)))
    .description('show the kind of a connection, or choose it; running servers use it within five seconds')
    .action(showOrChooseKind);
  settingOptions(accountOptions(connection.command('set').argument('<connection>', CONNECTION)))
    .description('change the settings of a connection; running servers use them within five seconds')
    .action(set);
  accountOptions(connection.command('setup-link').argument('<connection>', CONNECTION))
    .description("make a link to the set-up page, for the people who manage the customer's directory")
    .option('--expires-in-days <n>', 'how long the link works; 7 by default', wholeNumber(SETUP_DAYS_MAX))
    .action(setupLink);
  accountOptions(connection.command('health').argument('<connection>', CONNECTION))
    .description('show whether the syncs of a connection work: its calls, what fails, tokens, a forecast of quarantine')
    .action(showHealth);
  accountOptions(connection.command('events'))
    .description('show the requests to an account, also those with a revoked or expired token, newest first')
    .option('--connection <connection>', `only the requests of a connection: ${CONNECTION}`)
    .option('--failed', 'only requests that were refused or failed')
    .option('--limit <n>', 'maximum number of requests', wholeNumber(EVENTS_MAX), EVENTS_DEFAULT)
    .action(showEvents);
  watchCommand(accountOptions(connection.command('watch').argument('<connection>', CONNECTION)));
}

/** Adds the options of the settings of a connection. */
function settingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--unknown-attributes <mode>',
        'what to do with SCIM attributes that do not exist; ignored by default for Entra ID and Okta, refused for others',
      ).choices([...UNKNOWN_ATTRIBUTES, 'default']),
    )
    .addOption(
      new Option(
        '--stores-and-units <right>',
        'whether the connection only reads stores and org units over SCIM, which is the default, or writes them too',
      ).choices(['read', 'write']),
    );
}

function showEvents({ connection: text, failed = false, limit, ...options }: EventsOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const connection = text === undefined ? undefined : (await mustFindConnection(open.store, open.account, text)).id;
    const query = { connection, failed: failed ? 'true' : undefined };
    await showList(options, listed<ShownEvent>(open, '/events', query, limit), EVENTS);
  });
}

function showHealth(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFindConnection(open.store, open.account, text);
    const health = await perform<ShownHealth>(open, {
      method: 'GET',
      path: `/connections/${encodeURIComponent(id)}/health`,
    });
    if (options.json) printJson(health);
    else print(healthText(health));
  });
}

/** The link alone goes to stdout, so that it can be piped. */
function setupLink(
  text: string,
  { expiresInDays, ...options }: AccountOptions & { expiresInDays?: number },
): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    const { id, name: connection } = await mustFindConnection(store, account, text);
    const made = accepted(await composeSetupLinks(store.mongo.db, store.accounts).create(account, id, expiresInDays));
    const { publicUrl } = await settingsFor(store);
    const url = `${publicUrl}${SETUP_BASE}/${made.token}`;
    const expires = made.link.expires.toISOString();
    if (options.json) printJson({ id: made.link.id, url, expires });
    else print(url);
    printNote(`The set-up page of ${connection} works until ${expires}. Its address is shown only once.`);
  });
}

function list(options: AccountOptions): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    const tokens = await store.accounts.listCredentials(account);
    const now = new Date();
    const connections = await store.accounts.listConnections(account);
    const rows = connections.map((connection) => ({
      ...connection,
      token: soonestExpiry(
        tokens.filter((token) => token.connection === connection.id),
        now,
      ),
    }));
    await showList(options, rows, CONNECTIONS_WITH_TOKENS);
  });
}

function create(text: string, options: CreateOptions): Promise<void> {
  return withStore(async ({ accounts, ...store }) => {
    const account = await accountOf({ accounts, ...store }, options.account);
    const { kind, sandbox } = options;
    const created = await createConnection(accounts, account, { name: text, kind, sandbox, ...settingsIn(options) });
    const connection = accepted(created);
    concerns({ type: 'Connection', id: connection.id, name: connection.name });
    showOne(options, connection, CONNECTIONS);
  });
}

function showOrChooseKind(text: string, kind: ConnectionKind | undefined, options: AccountOptions): Promise<void> {
  if (kind !== undefined) return change(text, options, { kind });
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    showOne(options, await mustFindConnection(store, account, text), CONNECTIONS);
  });
}

async function set(text: string, options: SetOptions): Promise<void> {
  const settings = settingsIn(options);
  if (Object.keys(settings).length === 0)
    throw new CommandError('Nothing to change was stated. Add --help to see the options.', 'usage');
  await change(text, options, settings);
}

/** The settings that options state. */
function settingsIn({ unknownAttributes, storesAndUnits }: SetOptions): ConnectionChange {
  const mode = unknownAttributes === 'default' ? null : unknownAttributes;
  return {
    ...(mode === undefined ? {} : { unknownAttributes: mode }),
    ...(storesAndUnits === undefined ? {} : { writesStoresAndUnits: storesAndUnits === 'write' }),
  };
}

function change(text: string, options: AccountOptions, settings: ConnectionChange): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    const { id } = await mustFindConnection(store, account, text);
    showOne(options, accepted(await changeConnection(store.accounts, account, id, settings)), CONNECTIONS);
  });
}

const CONNECTIONS: Shown<Connection & { lastCall?: Date }> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name: shown }) => shown, shrinks: true },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'UNKNOWN ATTRIBUTES', of: unknownAttributesOf },
    { title: 'STORES, UNITS', of: ({ writesStoresAndUnits = false }) => (writesStoresAndUnits ? 'write' : 'read') },
    { title: 'LAST CALL', of: ({ lastCall }) => lastCall && shortDate(lastCall) },
  ],
  json: (connection) => ({ ...connection, ...settingsOf(connection) }),
};

/** The settings of a connection, also those with their default. */
function settingsOf(connection: Connection) {
  const { writesStoresAndUnits = false } = connection;
  return { unknownAttributes: unknownAttributesOf(connection), writesStoresAndUnits };
}

type WithToken = Connection & { lastCall?: Date; token: ReturnType<typeof soonestExpiry> };

const CONNECTIONS_WITH_TOKENS: Shown<WithToken> = {
  columns: [...CONNECTIONS.columns, { title: 'TOKEN', of: ({ token }) => token && tokenWords(token) }],
  json: ({ token, ...connection }) => ({
    ...connection,
    ...settingsOf(connection),
    ...(token ? { token } : {}),
  }),
};

function tokenWords({ state, daysLeft, expires }: NonNullable<WithToken['token']>): string {
  if (state === 'expired') return 'EXPIRED: create a new one';
  if (state === 'expiring') return `EXPIRES in ${daysLeft === 1 ? 'one day' : `${daysLeft} days`}: create a new one`;
  return expires ? `until ${shortDate(expires)}` : 'never expires';
}

const EVENTS: Shown<ShownEvent> = {
  columns: [
    { title: 'TIME', of: ({ at }) => at.slice(0, 19).replace('T', ' ') },
    { title: 'DOOR', of: ({ door }) => door },
    { title: 'BY', of: ({ actor }) => actorWords(actor) },
    { title: 'REQUEST', of: ({ method, path }) => `${method} ${path}`, shrinks: true },
    { title: 'STATUS', of: ({ status }) => String(status) },
    {
      title: 'REASON',
      of: ({ faults = [] }) => faults.map(({ code, error = code, detail }) => `${error}: ${detail}`).join(' '),
    },
  ],
};
