// What a user is found by in one index: the words of a search, and marks for what few questions are about. Each index more makes
// every change of every user dearer, one value more in an index that is there does not.

import { managerReference, textAt } from './attributes.ts';
import { foldText } from './fold.ts';
import type { StoredUser } from './model.ts';
import { searchWords } from './search-words.ts';

/** What marks tell of a user: the org unit, the end date, the text that names the manager, what is missing. */
export type MarkKind = 'unit' | 'endDate' | 'manager' | 'missing';

/** A mark. It begins with a blank, which no word of a search has, so that no search finds it. */
export function mark(kind: MarkKind, text: string): string {
  return ` ${kind} ${text}`;
}

/**
 * The terms of a user as it is stored: words and marks. They lead to users and decide nothing: whoever looks for a mark also says
 * what must hold, as a term may be left over from before.
 */
export function termsOf({ data, fold, missing }: Pick<StoredUser, 'data' | 'fold' | 'missing'>): string[] {
  const terms = searchWords(data);
  const add = (kind: MarkKind, text: string | undefined): void => {
    if (text !== undefined) terms.push(mark(kind, text));
  };
  add('unit', textAt(fold, 'mobietrain.organizationalUnit'));
  add('endDate', textAt(data, 'mobietrain.endDate'));
  const manager = managerReference(data);
  add('manager', manager === undefined ? undefined : foldText(manager));
  for (const path of missing) add('missing', path);
  return terms;
}
