// The message that a start prints: addresses, secrets that nobody has used yet, and commands that work when they are pasted.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FirstStart } from './auth/first-start.ts';
import { type Config, packageRoot } from './config.ts';
import type { DemoStart } from './demo/way-in.ts';

/** How long a token lasts that the pasted command creates. */
const TRYING_DAYS = 1;

type Addressed = Pick<
  Config,
  'mongodbUri' | 'mongodbDatabase' | 'dataDir' | 'dataDirGiven' | 'environment' | 'bootstrapToken' | 'mailPreview'
>;

/** What a start has to say: addresses and unused secrets. */
interface Started {
  /** The base URL for SCIM clients. */
  scimBaseUrl: string;
  /** Undefined if the console was not built. */
  consoleUrl: string | undefined;
  firstToken: FirstStart['firstToken'];
  firstAdministrator: FirstStart['firstAdministrator'];
  demo?: DemoStart | undefined;
}

/** The message of a start, for stdout. In production it holds no secret. */
export function startMessage(started: Started, config: Addressed): string {
  const { scimBaseUrl, consoleUrl } = started;
  const lines = [
    'MobieTrain provisioning server',
    '',
    `  SCIM base URL  ${scimBaseUrl}`,
    ...(config.environment === 'production' ? [] : demoLines(started, config)),
    ...(consoleUrl === undefined ? [] : [`  Console        ${consoleUrl}`]),
    `  Admin API      ${new URL('/docs', scimBaseUrl).href}`,
    ...(config.mailPreview
      ? [`  Mails          ${new URL('/mail', scimBaseUrl).href} (shown there instead of sent)`]
      : []),
    ...(started.demo ? tryingLines(started.demo, config) : []),
    ...(config.environment === 'production' ? productionLines(config) : curlLines(started, config)),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function demoLines({ firstToken, firstAdministrator }: Started, config: Addressed): string[] {
  const administrator = firstAdministrator && [
    `  Administrator  ${firstAdministrator.email}, ${passwordWords(firstAdministrator.password)}`,
  ];
  return [
    ...(firstToken === undefined
      ? [`  Bearer token   ${commandLine(config, tryingToken())}`]
      : [`  Bearer token   ${firstToken}`, '                 (of the account demo; shown until it is used)']),
    ...(administrator ?? []),
  ];
}

/** The demo app, who can sign in there, and a command that makes a link of CrewPlanner. */
function tryingLines({ appUrl, employee, people, invited }: DemoStart, config: Addressed): string[] {
  const signIn = people && [
    `  Sign in        ${people.learner}, with ${people.password}`,
    `                 ${people.managerWithoutStore}, with the same: a manager without a store, who is stopped`,
  ];
  const base = new URL('.', appUrl).href.slice(0, -1);
  const link = `simulate crewplanner --account demo --print --employee ${employee} --base-url ${base}`;
  return [
    `  Demo app       ${appUrl}`,
    ...(signIn ?? []),
    ...(invited && config.mailPreview ? [`  Invited        ${invited}, by one of the mails`] : []),
    `  CrewPlanner    ${commandLine(config, link)}`,
    '                 (prints a link that signs somebody in at the demo app)',
  ];
}

function passwordWords(password: string | undefined): string {
  return password === undefined ? 'the password is ADMIN_PASSWORD' : `password ${password} (shown until it is used)`;
}

function curlLines({ firstToken, scimBaseUrl }: Started, config: Addressed): string[] {
  const credential = firstToken ?? `$(${commandLine(config, tryingToken())})`;
  return ['', '  A first call:', `  curl -H "Authorization: Bearer ${credential}" ${scimBaseUrl}/Users`];
}

function tryingToken(): string {
  return `token create --account demo --name curl --expires-in-days ${TRYING_DAYS}`;
}

function productionLines(config: Addressed): string[] {
  return [
    '',
    '  Accounts, their tokens and administrators are created on the command line:',
    ...FIRST_COMMANDS.map((command) => `  ${commandLine(config, command)}`),
  ];
}

const FIRST_COMMANDS = [
  'account create "My company"',
  'token create --account my-company --name entra --expires-in-days 365',
  'administrator create ada@example.com --role customerAdministrator --account my-company',
];

/** What to do if production has no administrator yet, for stderr. */
export function noAdministratorHelp(config: Addressed): string {
  const create = 'administrator create you@example.com --role systemAdministrator';
  return [
    'Set ADMIN_PASSWORD (or ADMIN_PASSWORD_FILE) to a password that is hard to guess, and ADMIN_EMAIL to your address, or run',
    `  ${commandLine(config, create)}`,
    'Then start again, and create the first account with',
    `  ${commandLine(config, 'account create "My company"')}`,
  ].join('\n');
}

/** A command of the command line that acts on the database of this server, from any folder. */
function commandLine(config: Addressed, words: string): string {
  // A container has the compiled program only; a command inside it has the settings of the server.
  if (!existsSync(join(packageRoot, 'scripts', 'cli.mjs'))) return `mobietrain ${words}`;
  const settings: string[] = [];
  if (config.mongodbUri === undefined && config.dataDirGiven) settings.push(`DATA_DIR=${quoted(config.dataDir)}`);
  // A URI with a password is not printed; the shell has to know it.
  if (config.mongodbUri !== undefined && !config.mongodbUri.includes('@'))
    settings.push(`MONGODB_URI=${quoted(config.mongodbUri)}`);
  if (config.mongodbDatabase !== DEFAULT_DATABASE) settings.push(`MONGODB_DATABASE=${config.mongodbDatabase}`);
  return [...settings, `npm --prefix ${quoted(packageRoot)} run --silent cli --`, words].join(' ');
}

const DEFAULT_DATABASE = 'mobietrain';

/** The text for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
