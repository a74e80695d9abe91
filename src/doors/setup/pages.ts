// Writes the set-up pages. They work without scripts; the one there is copies values and refreshes the checklist.

import { randomUUID } from 'node:crypto';
import { SETUP_CLIENTS, SETUP_TICKS, type SetupClient, type SetupLink } from '../../auth/setup-link-store.ts';
import type { SetupTokens } from '../../auth/setup-links.ts';
import { LANGUAGES, type Language } from '../../directory/accounts/settings.ts';
import type { Account } from '../../directory/model.ts';
import { type Html, html, type WrittenPage, writePage } from '../html.ts';
import { filled } from '../page-texts.ts';
import { remedyOf, sectionPath } from '../remedies.ts';
import type { SeenCalls } from './checklist.ts';
import type { OktaRow } from './mapping.ts';
import type { SetupTexts } from './texts/en.ts';
import { TEXTS } from './texts/texts.ts';

/** Whose page, and in which language. */
export interface SetupSetting {
  account: Account | undefined;
  language: Language;
}

/** What the page of a link shows. */
export interface SetupView {
  link: SetupLink;
  client: SetupClient;
  /** The path of the page, without a query. */
  path: string;
  scimUrl: string;
  seen: SeenCalls;
  tokens: SetupTokens;
  wrongToken: WrongToken | undefined;
  okta: readonly OktaRow[];
  /** A token that was just made, with its last day. */
  token?: { text: string; day: string } | undefined;
  /** Another window has made a token at the same moment, or this page was loaded again after it had shown one. */
  notice?: 'race' | 'reload';
}

/** The last call with a token that does not work. */
export interface WrongToken {
  at: Date;
  reason: 'revoked' | 'expired' | 'unknown';
  /** Its first characters. */
  head: string;
}

const NAMES: Readonly<Record<Exclude<SetupClient, 'other'>, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  onelogin: 'OneLogin',
  jumpcloud: 'JumpCloud',
};
const REFRESH_SECONDS = 5;

/** A flag of the Tenant URL by which Entra ID sends PATCH requests that follow the RFC. */
const ENTRA_FLAG = '?aadOptscim062020';

const SCRIPT = `
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}
const list = document.getElementById('checklist');
setInterval(async () => {
  const answer = await fetch(list.dataset.url).catch(() => undefined);
  if (!answer || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const next = page.getElementById('checklist');
  if (next && next.innerHTML !== list.innerHTML) list.innerHTML = next.innerHTML;
}, ${REFRESH_SECONDS * 1000});`;

/** The page on which a product is chosen. */
export function choosePage(setting: SetupSetting): WrittenPage {
  const texts = TEXTS[setting.language];
  const choice = (client: SetupClient) =>
    html`<label class="choice"><input type="radio" name="client" value="${client}" required>${client === 'other' ? texts.other : NAMES[client]}</label>`;
  return page(
    setting,
    filled(texts.title, valuesOf(setting)),
    html`<p>${filled(texts.lead, valuesOf(setting))}</p><form method="post"><input type="hidden" name="lang" value="${setting.language}"><fieldset><legend>${texts.choose}</legend>${SETUP_CLIENTS.map(choice)}</fieldset><button>${texts.continue}</button></form>`,
  );
}

/** The page with the values and steps of a product. */
export function stepsPage(setting: SetupSetting, view: SetupView): WrittenPage {
  const { client } = view;
  const texts = TEXTS[setting.language];
  const values = valuesOf(setting);
  const steps = client === 'other' ? texts.otherSteps : texts[client];
  const url = view.scimUrl + (client === 'entra' ? ENTRA_FLAG : '');
  const main = html`<p>${filled(texts.lead, values)}</p>
<h2>${texts.values}</h2>
${field(texts, 'url', texts.url, url)}
${tokenPart(setting, view)}
<h2>${texts.steps}: ${client === 'other' ? texts.other : NAMES[client]}</h2>
<ol>${steps.map((step) => html`<li>${filled(step, values)}</li>`)}</ol>
${client === 'entra' ? mappingPart(texts, view) : undefined}${client === 'okta' ? profilePart(texts, view.okta) : undefined}
${checklist(setting, view)}
<p><a href="${view.path}/status?lang=${setting.language}">${texts.statusPage}</a></p>
<form method="post"><input type="hidden" name="lang" value="${setting.language}"><input type="hidden" name="client" value="choose"><button class="small">${texts.change}</button></form>`;
  const title = filled(texts.title, values);
  // A page with a token is not loaded again: the token would be gone.
  return page(setting, title, main, { script: SCRIPT, canSwitch: view.token === undefined });
}

/** The checklist alone, which refreshes itself every five seconds, also without scripts. */
export function statusPage(setting: SetupSetting, view: SetupView): WrittenPage {
  const texts = TEXTS[setting.language];
  const main = html`${checklist(setting, view)}<p><a href="${view.path}?lang=${setting.language}">${texts.back}</a></p>`;
  return page(setting, filled(texts.title, valuesOf(setting)), main, {
    script: SCRIPT,
    refreshSeconds: REFRESH_SECONDS,
  });
}

/** Why a link leads nowhere. */
export function setupProblemPage(setting: SetupSetting, problem: 'expired' | 'revoked' | 'unknown'): WrittenPage {
  const texts = TEXTS[setting.language];
  const text = problem === 'unknown' ? texts.unknown : filled(texts.over, valuesOf(setting));
  return page(setting, texts[`${problem}Title`], html`<p>${text}</p>`);
}

interface Extra {
  script?: string;
  refreshSeconds?: number;
  canSwitch?: boolean;
}

function page(
  { account, language }: SetupSetting,
  title: string,
  main: Html,
  { canSwitch = true, ...extra }: Extra = {},
): WrittenPage {
  const choices = canSwitch ? { choices: LANGUAGES } : {};
  return writePage({ title, main, language, look: account, isWide: true, ...choices, ...extra });
}

function valuesOf({ account, language }: SetupSetting) {
  return { account: account?.name ?? '', contact: account?.contact ?? TEXTS[language].contact };
}

/** A value with a button that copies it. */
function field(texts: SetupTexts, id: string, label: string, value: string): Html {
  return html`<label for="${id}">${label}</label><input id="${id}" type="text" value="${value}" readonly spellcheck="false"><button type="button" class="small" data-copy="${id}" data-done="${texts.copied}" hidden>${texts.copy}</button>`;
}

function tokenPart({ account, language }: SetupSetting, { link, tokens, token, notice }: SetupView): Html {
  const texts = TEXTS[language];
  const shown =
    token === undefined
      ? undefined
      : html`${field(texts, 'token', texts.token, token.text)}<p class="hint"><strong>${filled(texts.tokenOnce, { day: token.day })}</strong></p>`;
  const race = notice === 'race' ? html`<p class="error" role="alert">${texts.tokenRace}</p>` : undefined;
  const known = token === undefined ? knownTokens(texts, language, tokens, notice === 'reload') : undefined;
  const most = filled(texts.tokenMost, { contact: account?.contact ?? texts.contact });
  const label = link.tokens === 0 ? texts.tokenButton : texts.tokenAgain;
  // Another token would replace the one that is shown, so it is offered on the next page.
  const another = tokens.mayMake
    ? html`<form method="post"><input type="hidden" name="lang" value="${language}"><input type="hidden" name="made" value="${String(link.tokens)}"><input type="hidden" name="form" value="${randomUUID()}"><button class="small">${label}</button></form>`
    : html`<p class="hint">${most}</p>`;
  const title = token === undefined ? html`<p><strong>${texts.token}</strong></p>` : undefined;
  return html`${title}${race}${shown}${known}${token === undefined ? another : undefined}`;
}

/** When the tokens of the page that work were made, and what happens to them if another one is made. */
function knownTokens(texts: SetupTexts, language: Language, { made }: SetupTokens, isReload: boolean): Html[] {
  const sentences = made.flatMap(({ at, head, state, lastUsed }) => {
    const values = { time: timeIn(at, language), head, last: lastUsed ? timeIn(lastUsed, language) : '' };
    if (state === 'unused') return [filled(texts.tokenUnused, values)];
    return state === 'used' ? [filled(texts.tokenUsed, values)] : [];
  });
  return sentences.map((sentence, index) =>
    isReload && index === sentences.length - 1
      ? html`<p class="notice" role="status">${sentence}</p>`
      : html`<p class="hint">${sentence}</p>`,
  );
}

function mappingPart(texts: SetupTexts, { path }: SetupView): Html {
  const choices = [
    ['match=externalId', texts.mappings.externalId],
    ['match=userName', texts.mappings.userName],
    ['match=externalId&externalId=employeeId', texts.mappings.employeeId],
  ] as const;
  const items = choices.map(
    ([query, [label, why]]) => html`<li><a href="${path}/mapping.json?${query}" download>${label}</a><br>${why}</li>`,
  );
  return html`<h2>${texts.mapping}</h2><p>${texts.mappingLead}</p><ul>${items}</ul>`;
}

function profilePart(texts: SetupTexts, rows: readonly OktaRow[]): Html {
  const heads = texts.columns.map((column) => html`<th scope="col">${column}</th>`);
  const body = rows.map(
    ({ displayName, variableName, externalName, externalNamespace, dataType }) =>
      html`<tr><td>${displayName}</td><td><code>${variableName}</code></td><td><code>${externalName}</code></td><td><code>${breakable(externalNamespace)}</code></td><td>${dataType}</td></tr>`,
  );
  return html`<h2>${texts.profile}</h2><div class="scroll" tabindex="0" role="region" aria-label="${texts.profile}"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A URN that may be broken behind a colon, and nowhere else. */
function breakable(urn: string): Html[] {
  return urn.split(/(?<=:)/).map((part) => html`${part}<wbr>`);
}

function checklist({ language }: SetupSetting, { link, path, seen, wrongToken }: SetupView): Html {
  const texts = TEXTS[language];
  const time = (at: Date) => timeIn(at, language);
  const items = SETUP_TICKS.map((tick) => {
    const at = link.ticks[tick] ?? seen.ticks[tick];
    return at
      ? html`<li class="done"><span aria-hidden="true">✓</span><span>${texts.ticks[tick]}: ${time(at)}</span></li>`
      : html`<li class="open"><span aria-hidden="true">○</span><span>${texts.ticks[tick]}: ${texts.waiting}</span></li>`;
  });
  const last = seen.lastCall === undefined ? texts.noCall : filled(texts.lastCall, { time: time(seen.lastCall) });
  const nothing =
    seen.lastSuccess === undefined && link.tokens > 0 ? html`<p class="hint">${texts.noCallHelp}</p>` : undefined;
  const wrong =
    wrongToken &&
    html`<div class="error"><strong>${texts.wrongTitle}</strong><br>${filled(texts.wrongToken[wrongToken.reason], { time: timeIn(wrongToken.at, language, wrongToken.reason === 'unknown' ? 'short' : 'medium'), head: wrongToken.head })}</div>`;
  const { refused } = seen;
  const problem =
    refused &&
    html`<div class="error"><strong>${texts.refusedTitle}</strong><br>${filled(texts.refused, { time: time(refused.at), method: refused.method, path: refused.path, detail: refused.detail, status: String(refused.status) })}${refused.codes.map((code) => remedy(code, language))}</div>`;
  return html`<section id="checklist" data-url="${path}/status?lang=${language}" aria-live="polite"><h2>${texts.checklist}</h2><p>${last}</p><ul class="ticks">${items}</ul>${wrong}${problem}${nothing}</section>`;
}

/** The cause behind a code, what to do, and where to read more. */
function remedy(code: string, language: Language): Html {
  const { cause, fix } = remedyOf(code, language);
  const more = filled(TEXTS[language].more, { code });
  return html`<p>${cause} ${fix} <a href="${sectionPath(code, language)}">${more}</a></p>`;
}

/** A time with its zone, because the reader's zone is not known. @param timeStyle `short`: only the minute is known */
function timeIn(at: Date, language: Language, timeStyle: 'medium' | 'short' = 'medium'): string {
  const locale = language === 'en' ? 'en-GB' : language;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle, timeZone: 'UTC' });
  return `${format.format(at)} UTC`;
}
