// A browser without scripts for the pages of learners: it keeps cookies, follows redirects within the server, and sends forms.

import type { Answer, HttpClient } from './http-client.ts';

/** A page, or an address outside of the server at which a redirect ended. */
export interface Page extends Answer {
  url: URL;
  /** What the page says: its heading and its first paragraph. */
  words: string;
  /** The fields of its form with their values, if it has one. */
  form?: Record<string, string>;
}

/** What a page asks of the person. */
export type Asked = 'language' | 'terms' | 'password' | 'signIn' | undefined;

export interface PageWalk {
  /** Opens an address; redirects are followed unless it is asked not to. @throws NoAnswer */
  open(url: URL, follows?: boolean): Promise<Page>;
  /** Sends the form of a page to its own address. @throws NoAnswer */
  submit(page: Page, fields: Record<string, string>): Promise<Page>;
  /** Whether somebody is signed in in this browser. */
  hasSession(): boolean;
}

const REDIRECTS_MAX = 10;
const SESSION_COOKIE = 'mobietrain_learner';

/** Creates a browser that stays on the server of this origin, and does not open the addresses that begin with `stopAt`. */
export function createPageWalk(http: HttpClient, origin: string, stopAt?: string): PageWalk {
  const cookies = new Map<string, string>();

  async function request(first: URL, follows: boolean, form?: Record<string, string>): Promise<Page> {
    let [url, body] = [first, form && new URLSearchParams(form).toString()];
    for (let step = 0; step <= REDIRECTS_MAX; step += 1) {
      const headers: Record<string, string> = { Accept: 'text/html' };
      if (cookies.size > 0) headers.Cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      if (body !== undefined) {
        headers['Content-Type'] = 'application/x-www-form-urlencoded';
        headers.Origin = origin;
      }
      const method = body === undefined ? 'GET' : 'POST';
      const answer = await http.send(method, url.pathname + url.search, { headers, body });
      keep(cookies, answer.cookies);
      if (answer.location === undefined) return pageOf(answer, url);
      url = new URL(answer.location, url);
      body = undefined;
      const isEnd = stopAt !== undefined && url.href.startsWith(stopAt);
      if (!follows || isEnd || url.origin !== origin) return pageOf(answer, url);
    }
    throw new Error(`There were more than ${REDIRECTS_MAX} redirects, at last to ${url.origin}${url.pathname}.`);
  }

  return {
    open: (url, follows = true) => request(url, follows),
    submit: ({ url, form = {} }, fields) => request(url, true, { ...form, ...fields }),
    hasSession: () => cookies.has(SESSION_COOKIE),
  };
}

/** What a page asks for, by the fields of its form. */
export function askedBy({ form }: Page): Asked {
  if (!form) return undefined;
  if ('terms' in form && !('password' in form)) return 'terms';
  if ('password' in form) return 'name' in form ? 'signIn' : 'password';
  return 'language' in form ? 'language' : undefined;
}

function keep(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

function pageOf(answer: Answer, url: URL): Page {
  const [, heading = ''] = /<h1>([\s\S]*?)<\/h1>/.exec(answer.text) ?? [];
  const [, paragraph = ''] = /<\/h1>\s*<p[^>]*>([\s\S]*?)<\/p>/.exec(answer.text) ?? [];
  const words = [heading, paragraph].map(plain).filter(Boolean).join(': ');
  const [, inner] = /<form method="post"[^>]*>([\s\S]*?)<\/form>/.exec(answer.text) ?? [];
  return { ...answer, url, words, ...(inner === undefined ? {} : { form: fieldsOf(inner) }) };
}

/** The values that a browser would send; of a choice that is made, its value, of another one, nothing. */
function fieldsOf(form: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, input = ''] of form.matchAll(/<input ([^>]*)>/g)) {
    const [, name] = /\bname="([^"]*)"/.exec(input) ?? [];
    const [, value = ''] = /\bvalue="([^"]*)"/.exec(input) ?? [];
    if (name !== undefined && (!/type="(?:radio|checkbox)"/.test(input) || / checked/.test(input)))
      values[name] = plain(value);
  }
  return values;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_whole, name: string) => NAMED[name] ?? '')
    .trim();
}
