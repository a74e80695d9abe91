// Questions that come up while something is saved: who signs in again, and whose change counts. They are shown over the page, which stays as it is.

/** A field that somebody else has changed, with their value, and with the own one if it was changed, too. */
export interface OtherChange {
  field: string;
  theirs: string;
  yours: string | undefined;
}

/** A question, and what it is about. */
export type Question = { kind: 'signIn' } | { kind: 'conflict'; changes: OtherChange[] };

/** An answer: the button that was pressed. */
export type Answer = 'done' | 'mine' | 'theirs' | 'cancel';

interface Asked {
  question: Question;
  answer: (answer: Answer) => void;
}

let asked: Asked | undefined;
const listeners = new Set<() => void>();

function show(next: Asked | undefined): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Asks, and waits for the answer. While a question is open, the same one shares its answer. */
let open: { kind: Question['kind']; answer: Promise<Answer> } | undefined;
export function ask(question: Question): Promise<Answer> {
  if (open?.kind === question.kind) return open.answer;
  const answer = new Promise<Answer>((resolve) => {
    show({
      question,
      answer(given) {
        open = undefined;
        show(undefined);
        resolve(given);
      },
    });
  });
  open = { kind: question.kind, answer };
  return answer;
}

/** Subscribes to the open question, for useSyncExternalStore. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The open question, likewise. */
export function openQuestion(): Asked | undefined {
  return asked;
}
