// Remembers what a replay creates and removes it again, also if the answer to its creation never came.

import { type Answer, NoAnswer } from './http-client.ts';
import { at } from './pointer.ts';

type Send = (method: string, path: string, more?: { body?: unknown }) => Promise<Answer>;

/** What identifies a resource, until its id is known. */
const NAMES: Readonly<Record<string, string>> = { '/Users': 'userName', '/Groups': 'displayName' };

const DEACTIVATION = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'active', value: false }],
};

/** Watches requests, and removes what they created. */
export function createCleanUp(send: Send) {
  /** Paths with ids, in the order of their creation. */
  const created = new Set<string>();
  /** Creations whose outcome is not known: the endpoint and the name. */
  const unknown: { endpoint: string; name: string }[] = [];
  let removed = 0;

  function noticeCreation(endpoint: string, body: unknown, answer: Answer | undefined): void {
    const id = answer && (at(answer.body, '/id') ?? answer.location?.split('/').at(-1));
    if (answer && answer.status < 300 && typeof id === 'string' && id !== '') {
      created.add(`${endpoint}/${encodeURIComponent(id)}`);
      return;
    }
    const name = at(body, `/${NAMES[endpoint]}`);
    const mayExist = !answer || answer.status < 300 || answer.status >= 500;
    if (mayExist && typeof name === 'string') unknown.push({ endpoint, name });
  }

  async function findUnknown(): Promise<void> {
    for (const { endpoint, name } of unknown.splice(0)) {
      const attribute = NAMES[endpoint] ?? '';
      const filter = encodeURIComponent(`${attribute} eq ${JSON.stringify(name)}`);
      const found = await send('GET', `${endpoint}?filter=${filter}`).catch(ignoreUnanswered);
      const resources = at(found?.body, '/Resources');
      // A server that ignores the filter returns others: only the very name is ours.
      for (const resource of Array.isArray(resources) ? resources : []) {
        const id = at(resource, '/id');
        if (at(resource, `/${attribute}`) === name && typeof id === 'string')
          created.add(`${endpoint}/${encodeURIComponent(id)}`);
      }
    }
  }

  return {
    /** Sends a request that may create or remove a resource. @throws NoAnswer */
    async watch(method: string, path: string, body: unknown, request: () => Promise<Answer>): Promise<Answer> {
      const isCreation = method === 'POST' && NAMES[path] !== undefined;
      try {
        const answer = await request();
        if (isCreation) noticeCreation(path, body, answer);
        if (method === 'DELETE' && answer.status < 300 && created.delete(path)) removed += 1;
        return answer;
      } catch (error) {
        if (isCreation) noticeCreation(path, body, undefined);
        throw error;
      }
    },

    /** Removes everything, the newest first. Never throws because of the server. */
    async removeAll(): Promise<void> {
      await findUnknown();
      for (const path of [...created].reverse()) {
        const answer = await send('DELETE', path).catch(ignoreUnanswered);
        if (answer && (answer.status < 300 || answer.status === 404)) removed += Number(created.delete(path));
        // Some servers delete nobody: then the user should at least not be active.
        else if (path.startsWith('/Users/')) await send('PATCH', path, { body: DEACTIVATION }).catch(ignoreUnanswered);
      }
    },

    result: () => ({ removed, left: [...created] }),
  };
}

function ignoreUnanswered(error: unknown): undefined {
  if (!(error instanceof NoAnswer)) throw error;
  return undefined;
}
