// What one request asks for several times is read once: oidc-provider looks at a session, a grant, codes and tokens one after the other, and
// each of them asks for the same user.

import { AsyncLocalStorage } from 'node:async_hooks';

/** Remembers answers while a request runs. */
export interface RequestMemo {
  /** Runs the work of one request. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The function, asked once for each key within a request; outside of a request, asked each time. */
  once<A extends readonly string[], T>(ask: (...key: A) => Promise<T>): (...key: A) => Promise<T>;
}

/** Creates a memo. */
export function createRequestMemo(): RequestMemo {
  const storage = new AsyncLocalStorage<Map<unknown, Map<string, Promise<unknown>>>>();
  return {
    run: (work) => storage.run(new Map(), work),
    once: (ask) => {
      return (...key) => {
        const request = storage.getStore();
        if (!request) return ask(...key);
        const known = request.get(ask) ?? new Map<string, Promise<unknown>>();
        request.set(ask, known);
        const name = key.join('\n');
        const answer = (known.get(name) as ReturnType<typeof ask> | undefined) ?? ask(...key);
        known.set(name, answer);
        return answer;
      };
    },
  };
}
