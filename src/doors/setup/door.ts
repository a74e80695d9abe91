// The door of set-up pages: people who connect a customer's identity provider come over a link, without an account here.

import type { SetupClient } from '../../auth/setup-link-store.ts';
import { SETUP_CLIENTS } from '../../auth/setup-link-store.ts';
import type { FoundSetup, SetupLinks, SetupTokens } from '../../auth/setup-links.ts';
import { LANGUAGES } from '../../directory/accounts/settings.ts';
import { languageOf } from '../../directory/entry/entry.ts';
import type { EventReader } from '../../directory/event.ts';
import type { Account, Connection } from '../../directory/model.ts';
import type { SchemasOf } from '../../directory/schema/account-attributes.ts';
import type { Authenticate, Door, DoorRequest, DoorResponse, Refusal, Route } from '../contract.ts';
import { isForeign } from '../foreign.ts';
import type { WrittenPage } from '../html.ts';
import { pageLanguage } from '../page-texts.ts';
import { type SeenCalls, seenIn } from './checklist.ts';
import { type ClientMappings, entraSchema, mappingsOf, oktaRows } from './mapping.ts';
import {
  choosePage,
  type SetupSetting,
  type SetupView,
  setupProblemPage,
  statusPage,
  stepsPage,
  type WrongToken,
} from './pages.ts';

/** The path of set-up pages below the public URL. */
export const SETUP_BASE = '/setup';

/** What the door needs. */
export interface SetupDoorOptions {
  links: SetupLinks;
  events: Pick<EventReader, 'calls' | 'lastUnknown'>;
  schemasOf: SchemasOf;
  mappings: ClientMappings;
  publicUrl: string;
  /** The base URL for SCIM clients. */
  scimUrl: string;
}

/** A page of a link. */
interface SetupPlace {
  token: string;
  page: 'steps' | 'status' | 'mapping.json';
}

/** A place with what was found there. */
export interface SetupVisit {
  place: SetupPlace | undefined;
  found: FoundSetup;
}

/** A route with its place. */
export interface SetupRoute extends Route<SetupVisit> {
  place: SetupPlace;
}

const FORM_BYTES_MAX = 4 * 1024;
const CALLS_READ = 500;
const METHODS = new Set(['GET', 'HEAD', 'POST']);
const NOBODY: Account = { id: 'system', slug: '', name: 'System', requiredData: 'enforce', derivedGroups: [] };
/** The source of what is done on set-up pages of nobody. */
const NO_CONNECTION: Connection = { id: 'setup', account: 'system', name: 'Set-up pages', kind: 'other' };

/** Creates the door, and the function that finds the link of a request. */
export function createSetupDoor(options: SetupDoorOptions): {
  door: Door<SetupVisit, SetupRoute>;
  authenticate: Authenticate<SetupVisit, SetupRoute>;
} {
  return {
    door: {
      name: 'links',
      mediaType: 'text/html; charset=utf-8',
      match(method, path) {
        const place = placeOf(path);
        if (!place) return { ok: false, response: answer(404, setupProblemPage(NO_SETTING, 'unknown')) };
        const isAllowed = METHODS.has(method) && (method !== 'POST' || place.page === 'steps');
        if (!isAllowed) {
          const refusal = answer(405, setupProblemPage(NO_SETTING, 'unknown'));
          return { ok: false, response: { ...refusal, headers: { ...refusal.headers, Allow: 'GET, HEAD' } } };
        }
        return {
          ok: true,
          route: {
            place,
            name: `setup ${place.page}`,
            bodyBytesMax: FORM_BYTES_MAX,
            takesBytes: false,
            takesForm: true,
            handle: (request) => handle(options, request),
          },
        };
      },
      refuse,
    },
    async authenticate(_request, match) {
      const matched = match();
      const place = matched.ok ? matched.route.place : undefined;
      const found: FoundSetup = place ? await options.links.find(place.token) : { state: 'unknown' };
      const account = found.state === 'unknown' ? NOBODY : found.account;
      const connection = found.state === 'open' ? found.connection : { ...NO_CONNECTION, account: account.id };
      const credentialId = found.state === 'open' ? `setup:${found.link.id}` : 'setup';
      return { ok: true, caller: { account, connection, credentialId }, session: { place, found }, reserved: 'open' };
    },
  };
}

const NO_SETTING: SetupSetting = { account: undefined, language: 'en' };

function placeOf(path: string): SetupPlace | undefined {
  const [, token = '', page = 'steps', ...more] = path.split('/');
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(token) || more.length > 0) return undefined;
  return page === 'steps' || page === 'status' || page === 'mapping.json' ? { token, page } : undefined;
}

/** What is wrong with a link, for its event. */
const REASONS = {
  expired: 'The set-up link has expired.',
  revoked: 'The set-up link was withdrawn.',
  unknown: 'There is no such set-up link.',
  foreign: 'The form was sent from another site.',
} as const;

function answer(status: number, { html, policy }: WrittenPage, reason?: keyof typeof REASONS): DoorResponse {
  return {
    status,
    headers: { 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex' },
    bytes: Buffer.from(html, 'utf8'),
    isConfidential: true,
    ...(reason === undefined ? {} : { reasons: [{ code: reason, detail: REASONS[reason] }] }),
  };
}

type Request = DoorRequest<SetupVisit>;

async function handle(options: SetupDoorOptions, request: Request): Promise<DoorResponse> {
  const { found, place } = request.session;
  const setting = settingOf(request);
  if (found.state !== 'open' || !place) {
    const problem = found.state === 'open' ? 'unknown' : found.state;
    return answer(problem === 'unknown' ? 404 : 410, setupProblemPage(setting, problem), problem);
  }
  if (place.page === 'mapping.json') return mapping(options, request, found);
  if (request.method !== 'POST') return show(options, request, found);
  // The origin of a form is its only protection here, because there is no session.
  if (isForeign(request.headers, new URL(options.publicUrl).origin))
    return answer(403, setupProblemPage(setting, 'unknown'), 'foreign');
  const { client, made, form } = (request.body ?? {}) as Record<string, string | undefined>;
  if (made !== undefined) return makeToken(options, request, found, { made: Number(made), form: formOf(form) });
  if (client === 'choose') return answer(200, choosePage(setting));
  const chosen = SETUP_CLIENTS.find((one) => one === client);
  if (!chosen) return answer(400, choosePage(setting));
  await options.links.choose(found.link.id, chosen);
  return {
    status: 303,
    headers: { Location: `${SETUP_BASE}/${place.token}?lang=${setting.language}` },
    isConfidential: true,
  };
}

type Open = FoundSetup & { state: 'open' };

async function show(options: SetupDoorOptions, request: Request, found: Open): Promise<DoorResponse> {
  const setting = settingOf(request);
  const isStatus = request.session.place?.page === 'status';
  if (clientOf(found) === undefined && !isStatus) return answer(200, choosePage(setting));
  const view = await viewOf(options, request, found);
  return answer(200, isStatus ? statusPage(setting, view) : stepsPage(setting, view));
}

/** The product that was chosen, or that the connection was made for. */
function clientOf({
  link: { client },
  connection: { kind },
}: Pick<Open, 'link' | 'connection'>): SetupClient | undefined {
  return client ?? (kind === 'entra' || kind === 'okta' ? kind : undefined);
}

/** The name of a form, which the page gave it. */
function formOf(form: string | undefined): string | undefined {
  return form !== undefined && /^[0-9a-f-]{36}$/.test(form) ? form : undefined;
}

interface TokenForm {
  made: number;
  form: string | undefined;
}

async function makeToken(
  options: SetupDoorOptions,
  request: Request,
  found: Open,
  { made, form }: TokenForm,
): Promise<DoorResponse> {
  const setting = settingOf(request);
  const created = await options.links.makeToken(found, Number.isInteger(made) ? made : 0, form);
  const again = await options.links.find(request.session.place?.token ?? '');
  if (again.state !== 'open') return answer(410, setupProblemPage(setting, 'revoked'), 'revoked');
  const view = await viewOf(options, request, again);
  if (created.ok) {
    const { token: text, expires } = created.value;
    const day = expires ? expires.toISOString().slice(0, 10) : '';
    return answer(200, stepsPage(setting, { ...view, token: { text, day } }));
  }
  // A browser that loads the page with the token again sends the form again, and gets no other token.
  const isReload = form !== undefined && view.tokens.made.some((one) => one.form === form);
  if (isReload) return answer(200, stepsPage(setting, { ...view, notice: 'reload' }));
  const notice = created.faults[0].code === 'preconditionFailed' ? { notice: 'race' as const } : {};
  return answer(409, stepsPage(setting, { ...view, ...notice }));
}

async function viewOf(options: SetupDoorOptions, request: Request, found: Open): Promise<SetupView> {
  const { events, links, schemasOf, mappings, scimUrl } = options;
  const { link, account } = found;
  const catalogue = schemasOf(account);
  const client = clientOf(found) ?? 'other';
  const [calls, tokens] = await Promise.all([
    events.calls(account.id, link.connection, CALLS_READ),
    links.tokens(found),
  ]);
  const seen = seenIn(calls, client);
  const isNew = Object.keys(seen.ticks).some((tick) => link.ticks[tick as keyof typeof link.ticks] === undefined);
  if (isNew) await links.tick(link.id, seen.ticks);
  return {
    link,
    client,
    path: `${SETUP_BASE}/${request.session.place?.token ?? ''}`,
    scimUrl,
    seen,
    tokens,
    wrongToken: await wrongTokenOf(events, seen, tokens, link.created),
    okta: oktaRows(mappingsOf(mappings, catalogue), catalogue),
  };
}

/** The heads of tokens that this server makes; those of BOOTSTRAP_TOKEN can be of any word. */
const OURS = /^mbt_.{4}$/;

/**
 * The last call with a token that does not work, if none has succeeded since. A token that was revoked or has expired belongs to its
 * connection. All accounts share one URL, so one that was never valid belongs to nobody: it is shown only if it begins as a token of this
 * connection does, which says nothing of anybody else (docs/decisions/0026).
 */
async function wrongTokenOf(
  events: Pick<EventReader, 'lastUnknown'>,
  { lastSuccess, refusedToken }: SeenCalls,
  { heads }: SetupTokens,
  since: Date,
): Promise<WrongToken | undefined> {
  const ours = [...new Set(heads.values())].filter((head) => OURS.test(head));
  const unknown = await events.lastUnknown(ours, lastSuccess ?? startOfMinute(since));
  if (unknown && !(refusedToken && refusedToken.at > unknown.minute))
    return { at: unknown.minute, reason: 'unknown', head: unknown.hint ?? '' };
  if (!refusedToken) return undefined;
  const { at, reason, credential } = refusedToken;
  return { at, reason, head: heads.get(credential) ?? '' };
}

/** Requests with tokens that were never valid are counted by the minute. */
function startOfMinute(at: Date): Date {
  return new Date(at.getTime() - (at.getTime() % 60_000));
}

function mapping(
  { mappings, schemasOf }: SetupDoorOptions,
  { query }: Request,
  { account }: Pick<Open, 'account'>,
): DoorResponse {
  const catalogue = schemasOf(account);
  const asked = new URLSearchParams(query);
  const matching = asked.get('match') === 'externalId' ? 'externalId' : 'userName';
  const externalId = asked.get('externalId') === 'employeeId' ? 'employeeId' : 'objectId';
  return {
    status: 200,
    headers: {
      'Content-Disposition': `attachment; filename="mobietrain-entra-${matching}-${externalId}.json"`,
      'Referrer-Policy': 'no-referrer',
    },
    mediaType: 'application/json; charset=utf-8',
    body: entraSchema(mappingsOf(mappings, catalogue), catalogue, { matching, externalId }),
  };
}

/** The language: chosen on the page, then the browser's. */
function settingOf({ session: { found }, query, body, headers }: Request): SetupSetting {
  const form = (body ?? {}) as Record<string, string | undefined>;
  const chosen = new URLSearchParams(query).get('lang') ?? form.lang;
  return {
    account: found.state === 'unknown' ? undefined : found.account,
    language: pageLanguage(LANGUAGES, [languageOf(chosen)], headers['accept-language']),
  };
}

function refuse(refusal: Refusal): DoorResponse {
  const status = STATUSES[refusal.kind];
  const response = answer(status, setupProblemPage(NO_SETTING, 'unknown'));
  return status === 503 ? { ...response, headers: { ...response.headers, 'Retry-After': '5' } } : response;
}

const STATUSES: Readonly<Record<Refusal['kind'], number>> = {
  unauthenticated: 403,
  forbidden: 403,
  unavailable: 503,
  overloaded: 503,
  tooLarge: 413,
  mediaType: 415,
  syntax: 400,
  internal: 500,
};
