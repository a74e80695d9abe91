// Writes HTML: a template whose values are escaped, and the frame of every page. Pages work without scripts, load nothing, and name the
// hash of their one style in their policy.

import { createHash } from 'node:crypto';
import type { Language } from '../directory/accounts/settings.ts';

/** The languages of pages, each in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  nl: 'Nederlands',
  fr: 'Français',
  de: 'Deutsch',
};
const CHOICES_LABEL: Readonly<Record<Language, string>> = { en: 'Language', nl: 'Taal', fr: 'Langue', de: 'Sprache' };

/** HTML that is safe to write. */
export interface Html {
  html: string;
}

type Value = string | Html | readonly Html[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template: values that are texts are escaped. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  const written = parts.map((part, index) => part + (index < values.length ? write(values[index]) : ''));
  return { html: written.join('') };
}

function write(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
  return 'html' in value ? value.html : value.map((one) => one.html).join('');
}

/** How pages of an account look. */
interface Look {
  name: string;
  /** Such as `#0a5c36`. */
  colour?: string | undefined;
  /** A data URL. */
  logo?: string | undefined;
}

/** A page. */
export interface Page {
  title: string;
  main: Html;
  language: Language;
  /** Undefined if it is not known whose page it is. */
  look: Look | undefined;
  /** The languages to choose from, by links to the same page; none on the answer to a form that can't be asked for again. */
  choices?: readonly Language[];
  /** A script that makes the page handier; the page works without it. */
  script?: string;
  /** Seconds after which the page is loaded again if there are no scripts. */
  refreshSeconds?: number;
  /** Whether the page has long lines, such as tables. */
  isWide?: boolean;
  /** The hosts beside this server to which the form may lead, because a redirect after a form counts as its target. */
  formTargets?: readonly string[];
}

/** A written page, with the Content-Security-Policy under which it works. */
export interface WrittenPage {
  html: string;
  policy: string;
}

const COLOUR = '#1f4fa3';

/** The colours of pages, light and dark. The colour of the account is the same in both. */
const COLOURS = {
  text: ['#1c1c1c', '#ececec'],
  page: ['#fff', '#16181c'],
  field: ['#fff', '#22252b'],
  line: ['#5a5a5a', '#9a9da3'],
  soft: ['#4a4a4a', '#b9bcc2'],
  link: ['#0b4aa2', '#8ab4f8'],
  bad: ['#a3141b', '#ff8a8f'],
  'bad-page': ['#fdf0f0', '#3a1d20'],
  'bad-text': ['#7a0f14', '#ffd0d2'],
  good: ['#14602c', '#82d89b'],
  'good-page': ['#eef7f0', '#1b3223'],
  cell: ['#c4c4c4', '#4c5058'],
} as const;

/** The declarations of the colours of a look. */
function coloursOf(look: 0 | 1): string {
  return Object.entries(COLOURS)
    .map(([name, colours]) => `--${name}:${colours[look]}`)
    .join(';');
}

/** Writes a page. */
export function writePage(page: Page): WrittenPage {
  const { title, main, language, look, choices = [], formTargets = [], script, refreshSeconds, isWide } = page;
  const style = styleOf(look?.colour ?? COLOUR) + (isWide ? WIDE : '');
  const others =
    choices.length < 2
      ? undefined
      : html`<footer><nav aria-label="${CHOICES_LABEL[language]}"><ul>${choices.map((choice) => languageLink(choice, language))}</ul></nav></footer>`;
  const head =
    look && (look.logo === undefined ? html`<p>${look.name}</p>` : html`<img src="${look.logo}" alt="${look.name}">`);
  const refresh =
    refreshSeconds === undefined
      ? undefined
      : html`<noscript><meta http-equiv="refresh" content="${String(refreshSeconds)}"></noscript>`;
  const tail = script === undefined ? undefined : html`<script>${{ html: script }}</script>`;
  const written = html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><link rel="icon" href="data:,">${refresh}
<title>${look ? `${title} – ${look.name}` : title}</title><style>${{ html: style }}</style></head>
<body>${head && html`<header>${head}</header>`}<main><h1>${title}</h1>
${main}</main>${others}${tail}</body></html>
`;
  const targets = formTargets.length > 0 ? ` ${formTargets.join(' ')}` : '';
  const scripts = script === undefined ? '' : ` script-src '${hashOf(script)}'; connect-src 'self';`;
  const policy = `default-src 'none';${scripts} style-src '${hashOf(style)}'; img-src data:; form-action 'self'${targets}; base-uri 'none'; frame-ancestors 'none'`;
  return { html: written.html, policy };
}

function languageLink(choice: Language, current: Language): Html {
  const name = LANGUAGE_NAMES[choice];
  if (choice === current) return html`<li><span lang="${choice}" aria-current="true">${name}</span></li>`;
  return html`<li><a href="?lang=${choice}" lang="${choice}" hreflang="${choice}">${name}</a></li>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The style of pages with long lines. */
const WIDE =
  'header,main,footer{max-width:46rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}ol{padding-left:1.4rem}li{margin:.4rem 0;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{border:1px solid var(--cell);padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}.scroll{overflow-x:auto;margin-inline:calc(50% - min(28.5rem,50vw - 1rem))}.scroll table{min-width:56rem}code{font-size:.95em;overflow-wrap:anywhere}.scroll :is(th,td,code){overflow-wrap:normal}.done{color:var(--good)}.open{color:var(--soft)}ul.ticks{list-style:none;padding:0}ul.ticks li{display:flex;gap:.6rem}button.small{width:auto;padding:.5rem .9rem;margin:.5rem 0}';

/** The style of all pages, with the colour of the account on the bar and the button. */
function styleOf(colour: string): string {
  const text = textColourOn(colour);
  // A button of a pale colour stands out from the white page by its border, one of a dark colour from the dark page.
  const edge = text === '#000000' ? text : colour;
  const darkEdge = text === '#000000' ? colour : COLOURS.text[1];
  return `:root{color-scheme:light dark;--own:${colour};--on:${text};--edge:${edge};${coloursOf(0)}}@media (prefers-color-scheme:dark){:root{--edge:${darkEdge};${coloursOf(1)}}header img{background:#fff;padding:6px;border-radius:6px}}*{box-sizing:border-box}body{margin:0;font:17px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);border-top:6px solid var(--own)}header,main,footer{max-width:28rem;margin:0 auto;padding:1rem}header p{font-weight:600;margin:0}header img{max-height:56px;max-width:100%;display:block}h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}p{overflow-wrap:anywhere}label{display:block;font-weight:600;margin:1rem 0 .25rem}input[type=text],input[type=password]{font:inherit;width:100%;padding:.7rem;border:1px solid var(--line);border-radius:6px;background:var(--field);color:inherit}fieldset{border:0;margin:0;padding:0}legend{font-weight:600;padding:0;margin-bottom:.5rem}.choice{display:flex;gap:.75rem;align-items:center;font-weight:400;margin:0;padding:.7rem 0;min-height:44px}.choice input{width:1.35rem;height:1.35rem;flex:none}button,.button{font:inherit;font-weight:600;display:block;width:100%;text-align:center;padding:.8rem;margin:1.5rem 0 1rem;border:2px solid var(--edge);border-radius:6px;background:var(--own);color:var(--on);text-decoration:none;cursor:pointer}a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}.error{overflow-wrap:anywhere;border-left:4px solid var(--bad);padding:.5rem .75rem;background:var(--bad-page);color:var(--bad-text);margin:0 0 1rem}.notice{border-left:4px solid var(--good);padding:.5rem .75rem;background:var(--good-page);margin:0 0 1rem}.hint{color:var(--soft);font-size:.95rem}nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;margin:1rem 0;font-size:.95rem}nav a,nav span{display:inline-block;padding:.65rem 0}`;
}

/** Black or white, whichever is easier to read on a colour. @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function textColourOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
