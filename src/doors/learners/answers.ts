// The answers of the pages: of a form, what the person did; of the directory, what comes next; a page or a redirect. Redirects lead only
// to addresses that the provider made or an administrator registered.

import type { Language } from '../../directory/accounts/settings.ts';
import { type EntryStep, languageOf, languagesOf, loginOf } from '../../directory/entry/entry.ts';
import type { EventFault } from '../../directory/event.ts';
import type { Fault } from '../../directory/faults.ts';
import type { Account, UserView } from '../../directory/model.ts';
import { textAt } from '../../directory/schema/attributes.ts';
import type { DoorRequest, DoorResponse } from '../contract.ts';
import { isForeign } from '../foreign.ts';
import type { WrittenPage } from '../html.ts';
import { pageLanguage } from '../page-texts.ts';
import {
  type Failure,
  failedPage,
  forgotPage,
  forgotSentPage,
  languagePage,
  linkPage,
  type PasswordError,
  passwordPage,
  passwordSetPage,
  refusedPage,
  registeredPage,
  type Setting,
  type SignInError,
  signInPage,
  termsPage,
} from './pages/pages.ts';
import { interactionPath } from './paths.ts';
import type { LearnerDoorOptions, OpenPartnerLink, Visit } from './visit.ts';

type Request = DoorRequest<Visit>;
type At<K extends Visit['kind']> = Extract<Visit, { kind: K }>;
type Form = Readonly<Record<string, string | undefined>>;

/** A page as an answer. `reason` is recorded with the event. */
export function pageAnswer(status: number, { html, policy }: WrittenPage, reason?: string): DoorResponse {
  const reasons: { reasons?: EventFault[] } =
    reason === undefined ? {} : { reasons: [{ code: reason, detail: REASONS[reason] ?? 'The page was refused.' }] };
  return {
    status,
    headers: { 'Content-Security-Policy': policy, 'Referrer-Policy': 'same-origin', 'X-Robots-Tag': 'noindex' },
    bytes: Buffer.from(html, 'utf8'),
    isConfidential: true,
    ...reasons,
  };
}

/** What events say, for administrators. The pages say less. */
const REASONS: Readonly<Record<string, string>> = {
  foreign: 'The form was sent from another site.',
  wrong: 'Login name and password do not belong together.',
  limited: 'Too many attempts came from one network.',
  blocked: 'The user is blocked.',
  inactive: 'The user is not active.',
  notRegistered: 'The user was invited and has not registered.',
  incomplete: 'The user lacks required data.',
  linkOnly: 'The account has no passwords.',
  managerWithoutStore: 'The user is a manager without a store.',
  unknown: 'There is no such link.',
  expired: 'The link or the sign-in has expired.',
  used: 'The link was used.',
  revoked: 'The invitation was revoked.',
  malformed: 'The token of the link is not a JWT with all required claims.',
  signature: 'The token of the link is not signed as the account expects.',
  otherAccount: 'The token of the link is from another issuer or for another account.',
  early: 'The token of the link is from the future.',
  longLived: 'The token of the link is valid for more than five minutes.',
  noKeys: 'The keys of the partner cannot be read.',
  notConnected: 'The account has no such link.',
};

function redirect(url: string, cookies?: string[]): DoorResponse {
  return { status: 303, headers: { Location: url }, isConfidential: true, ...(cookies ? { cookies } : {}) };
}

/** Answers a request. */
export async function answerVisit(options: LearnerDoorOptions, request: Request): Promise<DoorResponse> {
  const { session: found, method } = request;
  // A partner's link is sent from the partner's site; its token says whom it signs in.
  const isPartner = found.kind === 'way' && Object.hasOwn(options.partners, found.identifier);
  if (method === 'POST' && !isPartner && isForeign(request.headers, new URL(options.publicUrl).origin))
    return pageAnswer(403, failedPage(settingOf(request), 'foreign'), 'foreign');
  switch (found.kind) {
    case 'interaction':
      return found.interaction.kind.name === 'entry' ? entry(options, request, found) : signIn(options, request, found);
    case 'forgot':
      return forgot(options, request, found);
    case 'register':
      return register(options, request, found);
    case 'reset':
      return reset(options, request, found);
    case 'way':
      return way(options, request, found);
    case 'nowhere': {
      const isWay = found.place.kind === 'way';
      return pageAnswer(isWay ? 404 : 400, failedPage(settingOf(request), isWay ? 'way' : 'expired'), 'expired');
    }
  }
}

const formOf = ({ body }: Request): Form => (body ?? {}) as Form;

/** Whose page, and in which language: chosen on the page, then what the application, the link and the browser say. */
function settingOf(request: Request, canSwitch = false): Setting {
  const { session: found, query, headers } = request;
  const { account } = found;
  const chosen = new URLSearchParams(query).get('lang') ?? formOf(request).lang ?? formOf(request).language;
  const interaction = 'interaction' in found ? found.interaction : undefined;
  const known = found.kind === 'register' && found.found.state !== 'unknown' ? found.found.language : undefined;
  const language = pageLanguage(
    account ? languagesOf(account) : languagesOf({}),
    [languageOf(chosen), languageOf(interaction?.languages?.split(' ')[0]), known],
    headers['accept-language'],
  );
  const formTargets = interaction ? interaction.client.redirectUris.map(targetOf) : [];
  return { account, language, canSwitch, formTargets: [...new Set(formTargets)] };
}

/** An address as a source of a Content-Security-Policy. */
function targetOf(uri: string): string {
  return /^https?:/.test(uri) ? new URL(uri).origin : new URL(uri).protocol;
}

async function signIn(options: LearnerDoorOptions, request: Request, at: At<'interaction'>): Promise<DoorResponse> {
  const { learners, interactions } = options;
  const { account, interaction } = at;
  const setting = settingOf(request, true);
  if (loginOf(account) === 'link')
    return pageAnswer(403, refusedPage(setting, { kind: 'refused', reason: 'linkOnly' }, undefined), 'linkOnly');
  const form = formOf(request);
  const again = (status: number, error?: SignInError) => {
    const forgotLink = `${interactionPath(interaction.uid, '/forgot')}?lang=${setting.language}`;
    const given = { name: form.name ?? interaction.loginHint, forgot: forgotLink };
    return pageAnswer(status, signInPage(setting, error ? { ...given, error } : given), error?.reason);
  };
  if (request.method !== 'POST') return again(200);
  const { name = '', password = '' } = form;
  if (name.trim() === '' || password === '') return again(400, { reason: 'empty' });
  const done = await learners.signIn({ account, name, password, address: request.remoteAddress });
  if (done.ok) return redirect(await interactions.finish(request.headers, done.user));
  switch (done.reason) {
    case 'refused':
      return pageAnswer(403, refusedPage(setting, done.step, interactionPath(interaction.uid)), done.step.reason);
    case 'credentials':
      return again(403, { reason: 'wrong' });
    case 'ambiguous':
      return again(403, { reason: 'ambiguous' });
    case 'limited':
      return withRetry(again(429, { reason: 'limited', waitSeconds: done.waitSeconds }), done.waitSeconds);
    case 'busy':
      return withRetry(again(503, { reason: 'busy' }), done.waitSeconds);
  }
}

function withRetry(response: DoorResponse, seconds: number): DoorResponse {
  return { ...response, headers: { ...response.headers, 'Retry-After': String(seconds) } };
}

/** What is left to do of somebody who is signed in: language and terms. */
async function entry(options: LearnerDoorOptions, request: Request, at: At<'interaction'>): Promise<DoorResponse> {
  const { learners, interactions } = options;
  const { account, interaction } = at;
  const user = interaction.kind.name === 'entry' ? interaction.kind.user : '';
  const view = await learners.find(account, user);
  const done = doneOf(request, account);
  // In an account without passwords, the person came over a link.
  const step = view && (await learners.step(account, user, loginOf(account), done));
  if (!view || !step) return redirect(await interactions.restart(interaction, request.headers));
  if (step.kind === 'refused') {
    const other = loginOf(account) === 'link' ? undefined : await interactions.restart(interaction, request.headers);
    return pageAnswer(403, refusedPage(settingIn(request, view), step, other), step.reason);
  }
  if (step.kind !== 'in') return stepPage(request, view, step, done);
  if (request.method === 'POST') {
    const accepted = await learners.accept(account, user, done, request.caller.requestId);
    if (!accepted.ok) return pageAnswer(503, failedPage(settingIn(request, view), 'busy'));
  }
  return redirect(await interactions.finish(request.headers));
}

interface Done {
  language?: Language;
  terms?: string;
}

/** What the person did on the pages so far. The first choice is carried by the form of the second. */
function doneOf(request: Request, account: Account): Done {
  const { language: chosen, terms, accepted } = formOf(request);
  const language = languagesOf(account).find((one) => one === chosen);
  return {
    ...(language === undefined ? {} : { language }),
    ...(terms !== undefined && accepted === 'yes' ? { terms: terms.slice(0, 40) } : {}),
  };
}

/** Pages of a person who is known are in the person's language. */
function settingIn(request: Request, view: UserView): Setting {
  const setting = settingOf(request);
  const stated = formOf(request).language !== undefined || request.session.kind === 'register';
  const own = languageOf(textAt(view.attributes, 'preferredLanguage'));
  const choices = setting.account ? languagesOf(setting.account) : [];
  return stated || own === undefined || !choices.includes(own) ? setting : { ...setting, language: own };
}

function stepPage(
  request: Request,
  view: UserView,
  step: Exclude<EntryStep, { kind: 'refused' | 'in' }>,
  done: Done,
  error?: PasswordError,
): DoorResponse {
  const setting = settingIn(request, view);
  const status = error ? 400 : 200;
  switch (step.kind) {
    case 'language': {
      const name = textAt(view.attributes, 'name.givenName') ?? '';
      return pageAnswer(200, languagePage(setting, { name, choices: step.choices, preferred: setting.language }));
    }
    case 'terms': {
      const isMissing = request.method === 'POST' && formOf(request).terms !== undefined;
      const given = { version: step.version, url: step.url, fields: { language: done.language }, isMissing };
      return pageAnswer(isMissing ? 400 : 200, termsPage(setting, given));
    }
    case 'password': {
      const fields = {
        language: done.language,
        terms: done.terms,
        accepted: done.terms === undefined ? undefined : 'yes',
      };
      const loginName = textAt(view.attributes, 'userName') ?? '';
      return pageAnswer(status, passwordPage(setting, { loginName, fields, error }));
    }
  }
}

async function register(options: LearnerDoorOptions, request: Request, at: At<'register'>): Promise<DoorResponse> {
  const { learners, interactions } = options;
  if (at.found.state !== 'open') return linkProblem(options, request, at);
  const { account, view } = at.found;
  const done = doneOf(request, account);
  const isPost = request.method === 'POST';
  const { password } = formOf(request);
  const newPassword = isPost && password !== undefined ? { newPassword: password } : {};
  const registered = isPost
    ? await learners.register(at.token, { ...done, ...newPassword }, request.caller.requestId)
    : { ok: false as const, found: at.found, step: await learners.step(account, view.id, 'invitation', done) };
  if (registered.ok) {
    const cookies = await interactions.signIn(registered.user, request.headers);
    const written = registeredPage(settingIn(request, view), await startOf(options, account));
    return { ...pageAnswer(200, written), cookies };
  }
  const { found, step } = registered;
  if (found.state !== 'open') return linkProblem(options, request, { ...at, found });
  const setting = settingIn(request, view);
  if (!step || step.kind === 'in') return pageAnswer(503, failedPage(setting, 'busy'));
  if (step.kind === 'refused') return pageAnswer(403, refusedPage(setting, step, undefined), step.reason);
  const [fault] = 'faults' in registered ? (registered.faults ?? []) : [];
  return stepPage(request, view, step, done, fault && passwordError(fault));
}

async function linkProblem(
  options: LearnerDoorOptions,
  request: Request,
  { found }: At<'register'>,
): Promise<DoorResponse> {
  const setting = settingOf(request);
  if (found.state === 'unknown' || found.state === 'open')
    return pageAnswer(404, linkPage(setting, 'unknown'), 'unknown');
  const isLink = found.state === 'used' && loginOf(found.account) === 'link';
  const start = await startOf(options, found.account);
  return pageAnswer(410, linkPage(setting, isLink ? 'usedByLink' : found.state, start), found.state);
}

function passwordError({ code, params }: Fault): PasswordError {
  if (code === 'busy' || code === 'preconditionFailed') return 'busy';
  if (code === 'tooLong') return 'long';
  const isShort = code === 'required' || String(params.rule ?? '').startsWith('must have at least');
  return isShort ? 'short' : 'weak';
}

async function forgot(options: LearnerDoorOptions, request: Request, at: At<'forgot'>): Promise<DoorResponse> {
  const { account } = at;
  const setting = settingOf(request, true);
  const back = `${interactionPath(at.interaction.uid)}?lang=${setting.language}`;
  if (loginOf(account) === 'link')
    return pageAnswer(403, refusedPage(setting, { kind: 'refused', reason: 'linkOnly' }, undefined), 'linkOnly');
  if (request.method !== 'POST') return pageAnswer(200, forgotPage(setting, { back, isLimited: false }));
  const { name = '' } = formOf(request);
  const isAllowed = await options.learners.requestReset({ account, name, address: request.remoteAddress });
  return isAllowed
    ? pageAnswer(200, forgotSentPage(setting, back))
    : pageAnswer(429, forgotPage(setting, { back, isLimited: true }), 'limited');
}

async function reset(options: LearnerDoorOptions, request: Request, at: At<'reset'>): Promise<DoorResponse> {
  const { owner, token } = at;
  if (!owner) return pageAnswer(410, linkPage(settingOf(request), 'reset'), 'expired');
  const setting = settingIn(request, owner.view);
  const loginName = textAt(owner.view.attributes, 'userName') ?? '';
  const ask = (status: number, error?: PasswordError) =>
    pageAnswer(status, passwordPage(setting, { loginName, fields: {}, error }));
  if (request.method !== 'POST') return ask(200);
  const done = await options.learners.reset(token, formOf(request).password ?? '');
  if (done.ok) return pageAnswer(200, passwordSetPage(setting, await startOf(options, owner.account)));
  const [fault] = done.faults;
  return fault.code === 'notFound'
    ? pageAnswer(410, linkPage(setting, 'reset'), 'used')
    : ask(400, passwordError(fault));
}

/** The identifier that stands for the application of an account. */
const APP = 'app';

/** The way in of an account: to the application that has this id, or with `app` to its first one. */
async function way(options: LearnerDoorOptions, request: Request, at: At<'way'>): Promise<DoorResponse> {
  const openLink = Object.hasOwn(options.partners, at.identifier) ? options.partners[at.identifier] : undefined;
  if (openLink) return partnerLink(options, request, at, openLink);
  const start = await startOf(options, at.account, at.identifier === APP ? undefined : at.identifier);
  if (request.method !== 'POST' && start !== undefined) return redirect(start);
  return pageAnswer(404, failedPage(settingOf(request), 'way'), 'unknown');
}

/**
 * The link of a partner: signs the person in and leads to the application, where language and terms are asked if they are due. HEAD
 * changes nothing, because a link works once.
 */
async function partnerLink(
  options: LearnerDoorOptions,
  request: Request,
  { account }: At<'way'>,
  openLink: OpenPartnerLink,
): Promise<DoorResponse> {
  const setting = settingOf(request);
  if (request.method === 'HEAD') return pageAnswer(200, failedPage(setting, 'linkInvalid'));
  const token = request.method === 'POST' ? formOf(request).token : new URLSearchParams(request.query).get('token');
  const opened = await openLink(account.slug, token ?? '');
  if (!opened.ok) {
    const failure = LINK_FAILURES[opened.reason] ?? 'linkInvalid';
    const response = pageAnswer(failure === 'server' ? 503 : 403, failedPage(setting, failure), opened.reason);
    const faults = (opened.faults ?? []).map(({ code, path }) => ({ code, detail: `${path}: ${code}` }));
    return faults.length > 0 ? { ...response, reasons: faults } : response;
  }
  const { id } = opened.user;
  const step = await options.learners.step(account, id, 'link');
  const subject = { type: 'User', id };
  if (step?.kind === 'refused')
    return { ...pageAnswer(403, refusedPage(setting, step, undefined), step.reason), subject };
  const cookies = await options.interactions.signIn(id, request.headers);
  const start = await startOf(options, account);
  if (start !== undefined) return { ...redirect(start, cookies), subject };
  return { ...pageAnswer(200, registeredPage(setting, undefined)), cookies, subject };
}

/** The words for a refused link; for all others, that it does not work. */
const LINK_FAILURES: Readonly<Record<string, Failure>> = {
  expired: 'linkExpired',
  early: 'linkExpired',
  used: 'linkUsed',
  refused: 'linkRefused',
  notConnected: 'linkOff',
  noKeys: 'server',
};

const CLIENTS_LOOKED_AT_MAX = 50;

/** Where an application begins that has said so. */
async function startOf({ clients }: LearnerDoorOptions, account: Account, id?: string): Promise<string | undefined> {
  const found = await clients.clientsOf(account.id, CLIENTS_LOOKED_AT_MAX);
  return found.find((client) => client.startUrl !== undefined && (id === undefined || client.id === id))?.startUrl;
}
