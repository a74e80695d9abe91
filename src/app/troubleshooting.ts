// The troubleshooting page, open to everyone: a section for each cause, whose anchor is its code, so that the console and set-up pages
// can link to it. In English it is docs/troubleshooting.md; the other languages have the sections alone.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config.ts';
import { LANGUAGES, type Language } from '../directory/accounts/settings.ts';
import { type Html, html, LANGUAGE_NAMES, writePage } from '../doors/html.ts';
import { remediesIn, troubleshootingPath } from '../doors/remedies.ts';
import type { Page } from '../http/app.ts';
import { literalWords } from './guides.ts';

interface Words {
  title: string;
  languages: string;
  /** Of the languages that have the sections alone. */
  lead?: string;
  screens?: string;
  toDo?: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: { title: 'Troubleshooting', languages: 'Language' },
  nl: {
    title: 'Problemen oplossen',
    languages: 'Taal',
    lead: 'Elk geweigerd verzoek heeft een of meer codes. Bij elke code staat hier de oorzaak en wat je eraan doet. De letterlijke antwoorden zijn in het Engels.',
    screens: 'Wat op de schermen van Entra ID en Okta staat (Engels)',
    toDo: 'Wat te doen:',
  },
  fr: {
    title: 'Dépannage',
    languages: 'Langue',
    lead: 'Chaque requête refusée a un ou plusieurs codes. Pour chaque code, vous trouvez ici la cause et la solution. Les réponses littérales sont en anglais.',
    screens: 'Ce qui est affiché dans Entra ID et Okta (en anglais)',
    toDo: 'Que faire :',
  },
  de: {
    title: 'Fehlerbehebung',
    languages: 'Sprache',
    lead: 'Jede abgelehnte Anfrage hat einen oder mehrere Codes. Zu jedem Code stehen hier die Ursache und die Lösung. Die wörtlichen Antworten sind englisch.',
    screens: 'Was auf den Seiten von Entra ID und Okta steht (englisch)',
    toDo: 'Was zu tun ist:',
  },
};

/** Creates the page in each language. */
export function composeTroubleshooting(): Page[] {
  return LANGUAGES.map((language) => {
    const { title } = WORDS[language];
    const main = html`${languageLinks(language)}${language === 'en' ? document() : sections(language)}`;
    const { html: text, policy } = writePage({ title, main, language, look: undefined, isWide: true });
    return { path: troubleshootingPath(language), mediaType: 'text/html; charset=utf-8', policy, text };
  });
}

function languageLinks(current: Language): Html {
  const links = LANGUAGES.filter((language) => language !== current).map(
    (language) =>
      html`<li><a href="${troubleshootingPath(language)}" lang="${language}" hreflang="${language}">${LANGUAGE_NAMES[language]}</a></li>`,
  );
  return html`<nav aria-label="${WORDS[current].languages}"><ul>${links}</ul></nav>`;
}

function sections(language: Language): Html {
  const { lead, screens, toDo } = WORDS[language];
  const parts = Object.entries(remediesIn(language)).map(([code, { cause, fix }]) => {
    const quoted = literalWords(code).map((words) => html`<p lang="en">${words}</p>`);
    const quote = quoted.length > 0 ? html`<blockquote>${quoted}</blockquote>` : undefined;
    return html`<h2 id="${code}">${code}</h2>${quote}<p>${cause}</p><p><strong>${toDo}</strong> ${fix}</p>`;
  });
  return html`<p>${lead}</p><p><a href="${troubleshootingPath('en')}" hreflang="en">${screens}</a></p>${parts}`;
}

/** The document, without its title. */
function document(): Html {
  const text = readFileSync(join(packageRoot, 'docs', 'troubleshooting.md'), 'utf8');
  const blocks = text.replace(/<!--.*?-->/gs, '').split(/\n{2,}/);
  return html`${blocks.slice(1).map(blockOf)}`;
}

/** A block of the Markdown that the document uses: headings, quotes, commands and paragraphs. */
function blockOf(block: string): Html {
  const text = block.trim();
  const [, marks, heading = ''] = /^(#{2,3}) (.*)$/.exec(text) ?? [];
  if (marks === '##') return html`<h2>${heading}</h2>`;
  if (marks === '###') return html`<h3 id="${heading}">${heading}</h3>`;
  if (text.startsWith('```')) return html`<pre><code>${text.replace(/^```.*\n|\n```$/g, '')}</code></pre>`;
  if (text.startsWith('>')) {
    const lines = text.split('\n').map((line) => line.replace(/^> ?/, ''));
    return html`<blockquote>${lines.filter((line) => line !== '').map((line) => html`<p>${spans(line)}</p>`)}</blockquote>`;
  }
  return text === '' ? html`` : html`<p>${spans(text)}</p>`;
}

/** Bold words, code and links in a line. Other documents are not served, so that links to them are their words alone. */
function spans(line: string): Html[] {
  const parts = line.split(/(\*\*.+?\*\*|`[^`]+`|\[[^\]]+\]\([^)]+\))/);
  return parts.map((part) => {
    if (part.startsWith('**')) return html`<strong>${spans(part.slice(2, -2))}</strong>`;
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    const [, words, target = ''] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
    if (words === undefined) return html`${part}`;
    return target.startsWith('#') ? html`<a href="${target}">${words}</a>` : html`${words}`;
  });
}
