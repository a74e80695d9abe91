// Field changes of a stored document, carried out in memory: what the store does with an update, for a simulation that has none.

import type { FieldChanges } from '../records.ts';

/**
 * A document after field changes by dotted path; the paths are the directory's own, never a client's text. Only what a path goes
 * through is copied.
 */
export function applied<T extends object>(document: T, { set, unset }: FieldChanges): T {
  const after = copyOf(document);
  const copied = new Map<string, Record<string, unknown>>();
  const place = (path: string): [Record<string, unknown>, string] => {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = after as Record<string, unknown>;
    let through = '';
    for (const step of steps) {
      through += `${step}.`;
      const part = copied.get(through) ?? copyOf((at[step] ?? {}) as Record<string, unknown>);
      copied.set(through, part);
      at[step] = part;
      at = part;
    }
    return [at, last];
  };
  for (const path of Object.keys(set)) {
    const [at, name] = place(path);
    at[name] = set[path];
  }
  for (const path of unset) {
    const [at, name] = place(path);
    delete at[name];
  }
  return after;
}

function copyOf<T extends object>(source: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(source) as object | null) as T, source);
}
