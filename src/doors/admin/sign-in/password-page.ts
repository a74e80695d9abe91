// The page that links to set a password lead to. The token follows after `#`, so that no log of a proxy has it.

import { createHash } from 'node:crypto';

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:1rem}input,button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0 1rem}';

/** Creates the page, and the Content-Security-Policy under which it works. `api` is the path of the admin API. */
export function createPasswordPage(api: string): { html: string; policy: string } {
  const script = `
const form = document.querySelector('form'), output = document.querySelector('output');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ token: location.hash.slice(1), password: form.elements.password.value });
  const answer = await fetch(${JSON.stringify(`${api}/session/password-link`)}, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body });
  output.textContent = answer.ok ? 'Your password is set. You can sign in now.' : (await answer.json()).detail;
  form.hidden = answer.ok;
});`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<title>Set your password</title><style>${STYLE}</style></head><body><main><h1>Set your password</h1>
<form><label for="password">New password, at least 12 characters</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12"><button>Set the password</button></form>
<output role="status"></output></main><script>${script}</script></body></html>`;
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(script)}'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
