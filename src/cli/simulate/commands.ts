// The commands `simulate entra` and `simulate okta`, which need no database because they are for any SCIM server, and `simulate
// crewplanner`, which is for this one.

import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../frame/errors.ts';
import { printJson, printNote } from '../frame/output.ts';
import { crewPlannerCommand } from './crewplanner.ts';
import { CLIENTS, type ClientKind, replayClient } from './replay.ts';
import { tallyOf, writeExchange, writeSummary } from './report.ts';
import type { StepResult } from './verdict.ts';

interface SimulateOptions {
  baseUrl: URL;
  token?: string;
  tokenStdin?: boolean;
  users: number;
  timeout: number;
  maxRequests: number;
  json?: boolean;
}

const USERS_MAX = 50;
const TIMEOUT_SECONDS_MAX = 300;
const REQUESTS_MAX = 100_000;
/** The exit code of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Adds the commands. */
export function simulateCommands(simulate: Command): void {
  for (const client of Object.keys(CLIENTS) as ClientKind[]) {
    simulate
      .command(client)
      .description(
        `replay what ${CLIENTS[client].name} sends against any SCIM server, and print where it would be stopped; exits with 1 then`,
      )
      .requiredOption('--base-url <url>', 'URL of the SCIM server, such as https://host.example/scim/v2', baseUrl)
      .option('--token <token>', 'bearer token')
      .option('--token-stdin', 'read the bearer token from stdin')
      .option('--users <n>', 'how many times the exchanges about people are replayed', wholeNumber(USERS_MAX), 1)
      .option('--timeout <seconds>', 'how long a request may take', wholeNumber(TIMEOUT_SECONDS_MAX), 30)
      .option('--max-requests <n>', 'maximum number of requests', wholeNumber(REQUESTS_MAX), 2000)
      .option('--json', 'print JSON')
      .action((options: SimulateOptions) => run(client, options));
  }
  crewPlannerCommand(simulate, { baseUrl, claims, timeout: wholeNumber(TIMEOUT_SECONDS_MAX) });
}

async function run(client: ClientKind, options: SimulateOptions): Promise<void> {
  const token = options.tokenStdin ? (await text(process.stdin)).trim() : options.token;
  if (!token) throw new CommandError('A token is required: add --token or --token-stdin.', 'usage');
  if (options.baseUrl.protocol === 'http:' && !isLoopback(options.baseUrl))
    printNote(`${options.baseUrl.origin} is not encrypted. ${CLIENTS[client].name} itself only calls https URLs.`);
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    await replay(client, options, token, interrupt.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function replay(client: ClientKind, options: SimulateOptions, token: string, signal: AbortSignal): Promise<void> {
  const steps: StepResult[] = [];
  const replayed = await replayClient({
    client,
    base: options.baseUrl,
    token,
    users: options.users,
    timeoutMs: options.timeout * 1000,
    requestsMax: options.maxRequests,
    signal,
    async onExchange(exchange) {
      steps.push(...exchange.steps);
      if (!options.json) await writeExchange(exchange);
    },
  });
  const tally = tallyOf(steps);
  const { error, ...ended } = replayed;
  if (options.json) printJson({ client, baseUrl: options.baseUrl.href, ...tally, ...ended, steps });
  else await writeSummary(client, tally, replayed);
  if (error && error.code !== 'interrupted') throw error;
  if (error) process.exitCode = INTERRUPTED;
  else if (tally.stopped > 0) process.exitCode = 1;
}

/** Whether a URL leads to this machine. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The flag that Entra ID takes out of a Tenant URL; the set-up page shows the URL with it. */
const ENTRA_FLAG = '?aadOptscim062020';

function baseUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.search === ENTRA_FLAG) url.search = '';
  if (
    !url ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new InvalidArgumentError(
      'Must be an http or https URL without a query, such as https://host.example/scim/v2.',
    );
  return url;
}

function claims(value: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {}
  throw new InvalidArgumentError('Must be a JSON object, such as {"department": "Bakery"}.');
}

function wholeNumber(max: number) {
  return (value: string): number => {
    if (!/^[1-9][0-9]{0,8}$/.test(value) || Number(value) > max)
      throw new InvalidArgumentError(`Must be a whole number from 1 to ${max}.`);
    return Number(value);
  };
}
