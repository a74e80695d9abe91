// A browser without scripts: it keeps cookies, follows redirects within the server, and sends the form of a page with all its fields.

import assert from 'node:assert/strict';
import { type Answer, send } from './http-client.ts';

export interface Browser {
  /** Opens an address, and follows redirects until a page or another host. */
  open(url: string): Promise<BrowserPage>;
  /** Sends the form of a page; `fields` replaces its values. */
  submit(page: BrowserPage, fields?: Record<string, string>, headers?: Record<string, string>): Promise<BrowserPage>;
  cookies: Map<string, string>;
}

export interface BrowserPage extends Answer {
  url: string;
  title: string;
}

const REDIRECTS_MAX = 10;

export function createBrowser(origin: string): Browser {
  const cookies = new Map<string, string>();

  async function request(
    method: string,
    url: string,
    body?: string,
    more: Record<string, string> = {},
  ): Promise<BrowserPage> {
    let [verb, next, content] = [method, url, body];
    for (let step = 0; step < REDIRECTS_MAX; step += 1) {
      const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const form = content === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', Origin: origin };
      const headers = { Cookie, Accept: 'text/html', ...form, ...more };
      const answer = await send(next, { method: verb, headers, ...(content === undefined ? {} : { body: content }) });
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';', 1);
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      const [, title = ''] = /<h1>([^<]*)<\/h1>/.exec(answer.text) ?? [];
      if (location === null) return { ...answer, url: next, title };
      next = new URL(location, next).href;
      if (!next.startsWith(origin)) return { ...answer, url: next, title };
      [verb, content] = ['GET', undefined];
    }
    throw new Error(`too many redirects, to ${next}`);
  }

  return {
    cookies,
    open: (url) => request('GET', url),
    submit(page, fields = {}, headers = {}) {
      const [, attributes, inner] = /<form method="post"([^>]*)>([\s\S]*?)<\/form>/.exec(page.text) ?? [];
      assert.ok(inner !== undefined, `no form: ${page.status} ${page.url} ${page.text}`);
      const [, action] = /action="([^"]*)"/.exec(attributes ?? '') ?? [];
      const values: Record<string, string> = {};
      for (const [, input = ''] of inner.matchAll(/<input ([^>]*)>/g)) {
        const [, name] = /name="([^"]*)"/.exec(input) ?? [];
        const [, value = ''] = /value="([^"]*)"/.exec(input) ?? [];
        const isLeftOut = /type="(?:radio|checkbox)"/.test(input) && !/ checked/.test(input);
        if (name !== undefined && !isLeftOut) values[name] = value;
      }
      const body = new URLSearchParams({ ...values, ...fields }).toString();
      return request('POST', new URL(action ?? page.url, page.url).href, body, headers);
    },
  };
}
