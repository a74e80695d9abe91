// Replays what Entra ID or Okta sends against a SCIM server, and checks whether the client could go on. Whatever was created is
// removed again, also after a failure.

import { randomBytes, randomUUID } from 'node:crypto';
import { CommandError } from '../frame/errors.ts';
import { createCleanUp } from './clean-up.ts';
import {
  type Difference,
  differencesOf,
  type Exchange,
  filled,
  keptNames,
  loadExchanges,
  type Step,
  UnknownName,
} from './exchange.ts';
import { type Answer, createHttpClient, type HttpClient, NoAnswer } from './http-client.ts';
import { at } from './pointer.ts';
import { type StepResult, unlessConsequence, verdictOf } from './verdict.ts';

/** The clients that can be replayed, with their names and headers. */
export const CLIENTS = {
  entra: {
    name: 'Entra ID',
    headers: { 'User-Agent': 'Microsoft Azure AD SCIM provisioning 1.0', Accept: 'application/scim+json' },
  },
  okta: {
    name: 'Okta',
    headers: { 'User-Agent': 'Okta SCIM Client 1.0.0', Accept: 'application/scim+json', 'Accept-Charset': 'utf-8' },
  },
} as const;
export type ClientKind = keyof typeof CLIENTS;

/** The results of one exchange. */
export interface ExchangeResult {
  name: string;
  about: string;
  steps: StepResult[];
}

export interface ReplayOptions {
  client: ClientKind;
  base: URL;
  token: string;
  /** How many times the exchanges about people are replayed, each time with other people. */
  users: number;
  timeoutMs: number;
  requestsMax: number;
  /** Ends the replay; what was created is removed all the same. */
  signal?: AbortSignal;
  /** Called after each exchange. */
  onExchange: (result: ExchangeResult) => Promise<void> | void;
}

/** How a replay ended. */
export interface Replayed {
  /** Why it ended before its last step. */
  error?: CommandError;
  /** The text that all names of created resources contain. */
  run: string;
  requests: number;
  removed: number;
  /** What could not be removed, such as `/Users/42`. */
  left: string[];
}

/** Replays a client. @throws CommandError if the URL is not that of a SCIM server that accepts the token */
export async function replayClient(options: ReplayOptions): Promise<Replayed> {
  const http = createHttpClient(options.base, options.timeoutMs);
  const session = createSession(options, http);
  const cleanUp = createCleanUp(session.send);
  const run = randomBytes(4).toString('hex');
  try {
    await mustBeScim(options, session);
    const error = await replayAll({ options, session, cleanUp, notices: createNotices(), run });
    return { run, requests: session.sent(), ...cleanUp.result(), ...(error ? { error } : {}) };
  } finally {
    http.close();
  }
}

type Sent = Pick<Step, 'body' | 'headers' | 'token'> & { signal?: AbortSignal | undefined };

/** Sends requests with the headers of the client. */
interface Session {
  send: (method: string, path: string, more?: Sent) => Promise<Answer>;
  sent: () => number;
}

function createSession({ client, token }: ReplayOptions, http: HttpClient): Session {
  let sent = 0;
  return {
    send(method, path, { body, headers = {}, token: other = token, signal } = {}) {
      sent += 1;
      const content = body === undefined ? {} : { 'Content-Type': 'application/scim+json; charset=utf-8' };
      return http.send(method, path, {
        headers: { ...CLIENTS[client].headers, Authorization: `Bearer ${other}`, ...content, ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      });
    },
    sent: () => sent,
  };
}

const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** The first request: is there a SCIM server, and does it accept the token? @throws CommandError */
async function mustBeScim({ base, client }: ReplayOptions, session: Session): Promise<void> {
  const url = `${base.href.replace(/\/+$/, '')}/Users`;
  const refuse = (words: string, code: string) => new CommandError(`${url}: ${words}`, code);
  const answer = await session.send('GET', '/Users?startIndex=1&count=1').catch((error: unknown) => {
    throw error instanceof NoAnswer ? refuse(error.message, 'unreachable') : error;
  });
  const { status, body, location, mediaType } = answer;
  if (status === 401 || status === 403)
    throw refuse(`The token is not accepted (${status}). ${CLIENTS[client].name} would stop here.`, 'unauthorized');
  if (location !== undefined && status >= 300 && status < 400)
    throw refuse(`It redirects to ${location}. Clients do not follow redirects: use that URL.`, 'notScim');
  if (status >= 500 || status === 429) throw refuse(`The server answers ${status}. Try again later.`, 'unavailable');
  const schemas = at(body, '/schemas');
  const isScim = Array.isArray(schemas) && (schemas.includes(LIST_RESPONSE) || schemas.includes(ERROR));
  if (status === 404 || !(isScim || Number.isInteger(at(body, '/totalResults'))))
    throw refuse(
      `This is not a SCIM endpoint: it answers ${status}${mediaType === '' ? '' : ` with ${mediaType}`}. The URL is the part before /Users and often ends in /scim/v2.`,
      'notScim',
    );
}

interface Work {
  options: ReplayOptions;
  session: Session;
  cleanUp: ReturnType<typeof createCleanUp>;
  notices: Notices;
  run: string;
}

/** Differences that every answer may have; each is reported once. */
interface Notices {
  newIn: (differences: Difference[]) => Difference[];
}

function createNotices(): Notices {
  const reported = new Set<string>();
  return {
    newIn: (differences) =>
      differences.filter(({ at: place, words }) => {
        if (place !== 'media type') return true;
        const isNew = !reported.has(words);
        reported.add(words);
        return isNew;
      }),
  };
}

/** Replays all exchanges, then cleans up. Returns why it ended before its last step. */
async function replayAll(work: Work): Promise<CommandError | undefined> {
  try {
    await replayExchanges(work);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error;
  } finally {
    await work.cleanUp.removeAll();
  }
  return undefined;
}

async function replayExchanges(work: Work): Promise<void> {
  const { client, users, onExchange } = work.options;
  const exchanges = loadExchanges()
    .filter((exchange) => exchange.client === client && exchange.simulated !== undefined)
    .sort((one, other) => (one.simulated ?? 0) - (other.simulated ?? 0));
  const failures = { inSuccession: 0 };
  for (let round = 0; round < users; round += 1) {
    for (const exchange of exchanges) {
      if (round > 0 && !isAboutPeople(exchange)) continue;
      const { result, error } = await replayExchange(work, exchange, round, failures);
      await onExchange(result);
      if (error) throw error;
    }
  }
}

/** Whether an exchange creates users and no groups. */
function isAboutPeople({ steps }: Exchange): boolean {
  const sent = steps.map(({ send }) => send);
  return sent.includes('POST /Users') && !sent.includes('POST /Groups');
}

const UNANSWERED_MAX = 3;

/** Replays an exchange. `error`: why it ended before its last step. */
async function replayExchange(
  work: Work,
  exchange: Exchange,
  round: number,
  failures: { inSuccession: number },
): Promise<{ result: ExchangeResult; error?: CommandError }> {
  const names = new Map([['run', round === 0 ? work.run : `${work.run}-${round + 1}`]]);
  for (let index = 1; index <= 9; index += 1) names.set(`uuid${index}`, randomUUID());
  const { options, session } = work;
  const result: ExchangeResult = { name: exchange.name, about: exchange.about, steps: [] };
  for (const template of exchange.steps) {
    if (template.own) continue;
    if (options.signal?.aborted) return { result, error: new CommandError('Interrupted.', 'interrupted') };
    if (session.sent() >= options.requestsMax) {
      const words = `Stopped after ${options.requestsMax} requests (--max-requests).`;
      return { result, error: new CommandError(words, 'limit') };
    }
    const step = await replayStep(work, exchange, template, names);
    result.steps.push(unlessConsequence(step, result.steps));
    if (step.status !== undefined) failures.inSuccession = 0;
    else if (step.verdict === 'stopped') failures.inSuccession += 1;
    if (failures.inSuccession >= UNANSWERED_MAX) {
      const words = `${UNANSWERED_MAX} requests in succession were not answered. ${step.reason}`;
      return { result, error: new CommandError(words, 'unreachable') };
    }
  }
  return { result };
}

async function replayStep(
  { session, cleanUp, notices, options: { signal } }: Work,
  exchange: Exchange,
  template: Step,
  names: Map<string, string>,
): Promise<StepResult> {
  const [method = 'GET', ...rest] = template.send.split(' ');
  const about = { exchange: exchange.name, step: template.say, expected: template.expect.status };
  try {
    const step = filled(template, names);
    const path = step.send.slice(method.length + 1);
    const request = `${method} ${readable(path)}`;
    try {
      const answer = await cleanUp.watch(method, path, step.body, () =>
        session.send(method, path, { ...step, signal }),
      );
      for (const [name, value] of keptNames(step, answer)) names.set(name, value);
      const differences = notices.newIn(differencesOf(step, answer, { own: false }));
      return { ...about, request, status: answer.status, ...verdictOf(exchange, step, differences) };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { ...about, request, verdict: signal?.aborted ? 'skipped' : 'stopped', reason: error.message };
    }
  } catch (error) {
    if (!(error instanceof UnknownName)) throw error;
    const reason = 'It needs a value that an earlier step did not return.';
    return { ...about, request: `${method} ${rest.join(' ')}`, verdict: 'skipped', reason };
  }
}

/** A path as people read it. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return path;
  }
}
