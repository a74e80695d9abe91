// The page with the mails that are only shown because MAIL_PREVIEW is on: a client of the admin API, for System Administrators. A mail is
// shown in a frame without scripts, under the policy of the page, which loads nothing.

import { createHash } from 'node:crypto';

const STYLE =
  ':root{color-scheme:light dark}*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}label{display:block;margin-top:.75rem}input,select,button{font:inherit;padding:.6rem;width:100%}button{margin-top:1rem;min-height:44px}ul{list-style:none;padding:0;margin:1rem 0}li{border-top:1px solid #8886}li button{border:0;background:none;color:inherit;text-align:left;margin:0;padding:.75rem .25rem;cursor:pointer}li button:hover strong{text-decoration:underline}:focus-visible{outline:3px solid #2f6fde;outline-offset:2px}small{display:block}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8886;border-radius:6px;padding:1rem}iframe{width:100%;height:28rem;border:1px solid #8886;border-radius:6px;background:#fff}[role=alert]:not(:empty){border-left:4px solid #c4161c;padding:.5rem .75rem}h1,h2{line-height:1.25;overflow-wrap:anywhere}';

/** Creates the page, and the Content-Security-Policy under which it works. `api` is the path of the admin API. */
export function createMailPage(api: string): { html: string; policy: string } {
  const script = scriptOf(api);
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>Mails</title><style>${STYLE}</style></head><body><main><h1>Mails</h1>
<p>This server has no mail server (<code>SMTP_URL</code>), so mails are shown here instead of being sent.</p>
<p role="alert" id="error"></p><noscript><p>This page needs JavaScript.</p></noscript>
<section id="sign-in" hidden><form id="form"><label for="email">E-mail of a System Administrator</label><input id="email" name="email" type="email" autocomplete="username" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required><button>Sign in</button></form></section>
<section id="list" hidden><label for="account">Account</label><select id="account"></select><button id="refresh" type="button">Refresh</button>
<p id="empty">There are no mails yet. Invite somebody: <code>user invite</code> on the command line.</p><ul id="mails"></ul><button id="more" type="button" hidden>Older mails</button></section>
<section id="mail" hidden><button id="back" type="button">All mails</button><h2 id="subject" tabindex="-1"></h2><p id="about"></p>
<iframe id="frame" title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe><h3>As text</h3><pre id="text"></pre></section>
</main><script>${script}</script></body></html>`;
  // Mails have inline styles, and a frame with srcdoc has the policy of its page.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src '${hashOf(script)}'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

/** Shows one mail. */
const READING = `async function read(id) {
  const mail = await call(below('/' + encodeURIComponent(id)));
  if (!mail) return;
  $('subject').textContent = mail.channel === 'sms' ? 'Text message' : mail.subject;
  $('about').textContent = (mail.senderName ? 'From ' + mail.senderName + ', to ' : 'To ') + mail.to + ', ' + new Date(mail.created).toLocaleString();
  $('frame').hidden = !mail.html;
  $('frame').srcdoc = mail.html ? mail.html.replace('<head>', '<head><base target="_blank">') : '';
  $('text').replaceChildren(...mail.text.split(/(https?:\\/\\/\\S+)/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = document.createElement('a');
    link.href = part; link.textContent = part; link.target = '_blank'; link.rel = 'noopener';
    return link;
  }));
  show('mail');
  $('subject').focus();
}
`;

function scriptOf(api: string): string {
  return `
const $ = (id) => document.getElementById(id);
const show = (...ids) => { for (const id of ['sign-in', 'list', 'mail']) $(id).hidden = !ids.includes(id); };
let after;
async function call(path, options = {}) {
  const answer = await fetch(${JSON.stringify(api)} + path, { headers: { 'Content-Type': 'application/json' }, ...options });
  const body = answer.status === 204 ? {} : await answer.json();
  if (answer.ok) { $('error').textContent = ''; return body; }
  if (answer.status === 401 && !options.method) { show('sign-in'); return undefined; }
  $('error').textContent = body.detail;
  return undefined;
}
const below = (rest) => '/accounts/' + encodeURIComponent($('account').value) + '/mails' + rest;
async function open() {
  const accounts = await call('/accounts');
  if (!accounts) return;
  $('account').replaceChildren(...accounts.items.map(({ slug, name }) => new Option(name, slug)));
  await list();
}
async function list() {
  const page = await call(below('?state=kept&limit=50'));
  if (!page) return;
  $('mails').replaceChildren(...page.items.map(rowOf));
  $('empty').hidden = page.items.length > 0;
  $('more').hidden = !page.next;
  after = page.next;
  show('list');
}
async function more() {
  const page = await call(below('?state=kept&limit=50&cursor=' + encodeURIComponent(after)));
  if (!page) return;
  $('mails').append(...page.items.map(rowOf));
  $('more').hidden = !page.next;
  after = page.next;
}
function rowOf({ id, subject, to, created, channel }) {
  const row = document.createElement('li'), button = document.createElement('button');
  const title = document.createElement('strong'), about = document.createElement('small');
  title.textContent = channel === 'sms' ? 'Text message' : subject;
  about.textContent = to + ' · ' + new Date(created).toLocaleString();
  button.append(title, about);
  button.addEventListener('click', () => read(id));
  row.append(button);
  return row;
}
${READING}$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, password } = event.target.elements;
  const body = JSON.stringify({ email: email.value, password: password.value });
  if (await call('/session', { method: 'POST', body })) { event.target.reset(); await open(); }
});
$('account').addEventListener('change', list);
$('refresh').addEventListener('click', list);
$('more').addEventListener('click', more);
$('back').addEventListener('click', list);
open();`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
