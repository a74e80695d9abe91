// The pages of learners: what stands on each. A page knows its texts and its form, and decides nothing.

import { LANGUAGES, type Language } from '../../../directory/accounts/settings.ts';
import { type EntryRefusal, languagesOf } from '../../../directory/entry/entry.ts';
import type { Account } from '../../../directory/model.ts';
import { type Html, html, LANGUAGE_NAMES, type Page, type WrittenPage, writePage } from '../../html.ts';
import { filled } from '../../page-texts.ts';
import type { Texts } from '../texts/en.ts';
import { TEXTS } from '../texts/texts.ts';

/** Whose page it is, and how it is reached. */
export interface Setting {
  account: Account | undefined;
  language: Language;
  /** The hosts beside this server to which the form may lead. */
  formTargets?: readonly string[];
  /** Whether the page can be asked for again in another language. */
  canSwitch?: boolean;
}

type Fields = Readonly<Record<string, string | undefined>>;

const page = (setting: Setting, title: string, main: Html): WrittenPage => {
  const { account, language, formTargets = [], canSwitch = false } = setting;
  const whole: Page = { title, main, language, look: account, formTargets };
  return writePage(canSwitch ? { ...whole, choices: account ? languagesOf(account) : LANGUAGES } : whole);
};

const textsOf = ({ language }: Setting): Texts => TEXTS[language];
const valuesOf = ({ account, language }: Setting) => ({
  account: account?.name ?? '',
  contact: account?.contact ?? TEXTS[language].contact,
});
const hidden = (fields: Fields): Html[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  );
const errorOf = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="error" role="alert" id="error">${text}</p>`;
const describedBy = (error: string | undefined): Html | undefined =>
  error === undefined ? undefined : html` aria-describedby="error" aria-invalid="true"`;

/** Why the last attempt to sign in failed; `waitSeconds` of `limited`. */
export type SignInError =
  | { reason: 'wrong' | 'ambiguous' | 'busy' | 'empty' }
  | { reason: 'limited'; waitSeconds: number };

export function signInPage(
  setting: Setting,
  given: { name: string; error?: SignInError; forgot: string },
): WrittenPage {
  const { signIn, seconds, minutes } = textsOf(setting);
  const { error } = given;
  const wait = error?.reason === 'limited' ? error.waitSeconds : 0;
  const long = wait < 120 ? filled(seconds, { n: String(wait) }) : filled(minutes, { n: String(Math.ceil(wait / 60)) });
  const text = error && filled(signIn[error.reason], { wait: long });
  const mark = describedBy(text);
  return page(
    setting,
    signIn.title,
    html`${errorOf(text)}<form method="post">${hidden({ lang: setting.language })}
<label for="name">${signIn.name}</label><input id="name" name="name" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="255" required value="${given.name}"${mark}>
<label for="password">${signIn.password}</label><input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required${mark}>
<button>${signIn.button}</button></form>
<p><a href="${given.forgot}">${signIn.forgot}</a></p>`,
  );
}

export function forgotPage(setting: Setting, given: { back: string; isLimited: boolean }): WrittenPage {
  const { forgot, signIn } = textsOf(setting);
  return page(
    setting,
    forgot.title,
    html`${errorOf(given.isLimited ? forgot.limited : undefined)}<p>${forgot.lead}</p><form method="post">${hidden({ lang: setting.language })}
<label for="name">${signIn.name}</label><input id="name" name="name" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="255" required>
<button>${forgot.button}</button></form>
<p><a href="${given.back}">${forgot.back}</a></p>`,
  );
}

export function forgotSentPage(setting: Setting, back: string): WrittenPage {
  const { forgot } = textsOf(setting);
  return page(
    setting,
    forgot.sentTitle,
    html`<p>${filled(forgot.sent, valuesOf(setting))}</p><p><a href="${back}">${forgot.back}</a></p>`,
  );
}

export function languagePage(
  setting: Setting,
  given: { name: string; choices: readonly Language[]; preferred: Language },
): WrittenPage {
  const { chooseLanguage } = textsOf(setting);
  const title = given.name === '' ? chooseLanguage.titleUnnamed : filled(chooseLanguage.title, { name: given.name });
  const choice = (language: Language) =>
    html`<label class="choice" lang="${language}"><input type="radio" name="language" value="${language}"${language === given.preferred ? html` checked` : undefined} required>${LANGUAGE_NAMES[language]}</label>`;
  return page(
    setting,
    title,
    html`<form method="post"><fieldset><legend>${chooseLanguage.lead}</legend>${given.choices.map(choice)}</fieldset>
<button>${chooseLanguage.button}</button></form>`,
  );
}

export function termsPage(
  setting: Setting,
  given: { version: string; url: string | undefined; fields: Fields; isMissing: boolean },
): WrittenPage {
  const { terms } = textsOf(setting);
  const error = given.isMissing ? terms.missing : undefined;
  const link =
    given.url === undefined
      ? undefined
      : html`<p><a href="${given.url}" target="_blank" rel="noopener noreferrer">${terms.read}</a></p>`;
  return page(
    setting,
    terms.title,
    html`${errorOf(error)}<p>${filled(terms.lead, valuesOf(setting))}</p>${link}<p class="hint">${filled(terms.version, { version: given.version })}</p>
<form method="post">${hidden({ ...given.fields, terms: given.version })}
<label class="choice"><input type="checkbox" name="accepted" value="yes" required${describedBy(error)}><span>${terms.accept}</span></label>
<button>${terms.button}</button></form>`,
  );
}

/** What is wrong with a new password. */
export type PasswordError = 'short' | 'long' | 'weak' | 'busy';

export function passwordPage(
  setting: Setting,
  given: { loginName: string; fields: Fields; error: PasswordError | undefined },
): WrittenPage {
  const { password, signIn } = textsOf(setting);
  const error = given.error && (given.error === 'busy' ? signIn.busy : password[given.error]);
  return page(
    setting,
    password.title,
    html`${errorOf(error)}<form method="post">${hidden(given.fields)}
<input type="text" name="username" autocomplete="username" value="${given.loginName}" readonly hidden>
<label for="password">${password.label}</label><input id="password" name="password" type="password" autocomplete="new-password" minlength="12" maxlength="200" required aria-describedby="hint${error === undefined ? undefined : html` error`}"${error === undefined ? undefined : html` aria-invalid="true"`}>
<p class="hint" id="hint">${password.hint}</p>
<button>${password.button}</button></form>`,
  );
}

/** A page with a text and at most one way on. */
function note(setting: Setting, title: string, text: string, way?: { url: string; label: string }): WrittenPage {
  return page(
    setting,
    title,
    html`<p>${filled(text, valuesOf(setting))}</p>${way && html`<p><a class="button" href="${way.url}">${way.label}</a></p>`}`,
  );
}

/** @param startUrl where the app begins */
export function passwordSetPage(setting: Setting, startUrl: string | undefined): WrittenPage {
  const { password } = textsOf(setting);
  const way = startUrl === undefined ? undefined : { url: startUrl, label: password.continue };
  return note(setting, password.doneTitle, password.done, way);
}

export function registeredPage(setting: Setting, startUrl: string | undefined): WrittenPage {
  const { done } = textsOf(setting);
  if (startUrl === undefined) return note(setting, done.title, `${done.lead} ${done.later}`);
  return note(setting, done.title, done.lead, { url: startUrl, label: done.continue });
}

/** @param other the page on which somebody else can sign in, if there is one */
export function refusedPage(setting: Setting, refusal: EntryRefusal, other: string | undefined): WrittenPage {
  const { refused, missing } = textsOf(setting);
  const paths = refusal.reason === 'incomplete' ? refusal.missing : [];
  const words = [...new Set(paths.map((path) => missing[missingKind(path)]))].join(', ');
  return page(
    setting,
    refused.title,
    html`<p>${filled(refused[refusal.reason], { ...valuesOf(setting), missing: words })}</p>${other === undefined ? undefined : html`<p><a href="${other}">${refused.other}</a></p>`}`,
  );
}

function missingKind(path: string): keyof Texts['missing'] {
  if (path.startsWith('name.')) return 'name';
  if (path.startsWith('emails') || path.startsWith('phoneNumbers')) return 'contact';
  if (path.startsWith('stores') || path.startsWith('mobietrain.store')) return 'store';
  if (/^(?:mobietrain\.)?userGroup/.test(path)) return 'group';
  return path.includes('manager') ? 'manager' : 'other';
}

/** Why a link of an invitation or to set a password leads nowhere. */
export type LinkProblem = 'used' | 'usedByLink' | 'expired' | 'revoked' | 'unknown' | 'reset';

export function linkPage(setting: Setting, problem: LinkProblem, startUrl?: string): WrittenPage {
  const { link } = textsOf(setting);
  const titles = {
    used: link.usedTitle,
    usedByLink: link.usedTitle,
    expired: link.expiredTitle,
    revoked: link.revokedTitle,
    unknown: link.unknownTitle,
    reset: link.resetTitle,
  };
  const way = problem === 'used' && startUrl !== undefined ? { url: startUrl, label: link.signIn } : undefined;
  return note(setting, titles[problem], link[problem], way);
}

/** What went wrong apart from the person. */
export type Failure = Exclude<keyof Texts['failed'], 'title'>;

export function failedPage(setting: Setting, failure: Failure): WrittenPage {
  const { failed } = textsOf(setting);
  return note(setting, failed.title, failed[failure]);
}

export function signOutPage(setting: Setting, given: { action: string; secret: string }): WrittenPage {
  const { signOut } = textsOf(setting);
  return page(
    setting,
    signOut.title,
    html`<p>${signOut.lead}</p><form method="post" action="${given.action}">${hidden({ xsrf: given.secret, logout: 'yes' })}
<label class="choice"><input type="checkbox" name="everywhere" value="yes"><span>${signOut.everywhere}</span></label>
<button>${signOut.button}</button></form>`,
  );
}

export function signedOutPage(setting: Setting): WrittenPage {
  const { signOut } = textsOf(setting);
  return note(setting, signOut.doneTitle, signOut.done);
}
