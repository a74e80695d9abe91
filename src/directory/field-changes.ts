// Applies field changes to a document in memory, with the same result as an update in the database.

import type { FieldChanges } from './records.ts';

/**
 * Returns a copy of a document with field changes by dotted path. Paths are never text of a client. Only the objects along a path
 * are copied.
 */
export function withChanges<T extends object>(document: T, { set, unset }: FieldChanges): T {
  const after = copyOf(document);
  const copied = new Map<string, Record<string, unknown>>();
  const slot = (path: string): [Record<string, unknown>, string] => {
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
    const [at, name] = slot(path);
    at[name] = set[path];
  }
  for (const path of unset) {
    const [at, name] = slot(path);
    delete at[name];
  }
  return after;
}

function copyOf<T extends object>(source: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(source) as object | null) as T, source);
}
