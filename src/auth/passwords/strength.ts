// Owns the rules of a new password: its length, and that it is hard to guess for a program that knows the person.

import { Worker } from 'node:worker_threads';
import { type Fault, fault } from '../../directory/faults.ts';
import { PASSWORD_CHARS_MAX } from '../../directory/users/password-sync.ts';
import type { Estimate, EstimateRequest } from './strength-worker.ts';

const PASSWORD_CHARS_MIN = 12;
/** From 0 to 4; 3 withstands 100 million guesses. */
const SCORE_MIN = 3;
const WORDS_MAX = 40;
const WORD_CHARS_MIN = 3;
const IDLE_MS = 30_000;
const ESTIMATE_MS_MAX = 20_000;

/** What a program would guess first for a person. */
export interface PersonalWords {
  email: string;
  name: string;
  /** The name and slug of the account. */
  account?: { name: string; slug: string };
}

/** Checks a new password. Faults: required, tooLong, invalidValue, busy. */
export async function passwordFault(password: string, person: PersonalWords): Promise<Fault | undefined> {
  if (password === '') return fault('required', 'password');
  if (password.length > PASSWORD_CHARS_MAX) return fault('tooLong', 'password', { max: PASSWORD_CHARS_MAX });
  if ([...password].length < PASSWORD_CHARS_MIN)
    return fault('invalidValue', 'password', { rule: `must have at least ${PASSWORD_CHARS_MIN} characters` });
  const found = await estimate(password, wordsOf(person));
  if (!found) return fault('busy');
  if (found.score >= SCORE_MIN) return undefined;
  const advice = found.advice.length > 0 ? found.advice : ['Use several words that do not belong together.'];
  return fault('invalidValue', 'password', { rule: `is too easy to guess. ${advice.join(' ').replace(/\.$/, '')}` });
}

/** The words of a person, whole and in parts. */
function wordsOf({ email, name, account }: PersonalWords): string[] {
  const texts = [email, name, ...(account ? [account.name, account.slug] : []), 'mobietrain'];
  const words = texts.flatMap((text) => {
    const parts = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    // Joined, too: an estimate takes two words in a row for much harder to guess than one.
    return [text.toLowerCase(), ...parts, parts.join(''), parts.toReversed().join('')];
  });
  return [...new Set(words.filter((word) => word.length >= WORD_CHARS_MIN))].slice(0, WORDS_MAX);
}

/** The thread that estimates; it ends when it has had nothing to do for a while. */
let thread: { worker: Worker; answers: Map<number, (found: Estimate | undefined) => void> } | undefined;
let idle: NodeJS.Timeout | undefined;
let lastId = 0;

/** Estimates a password in the thread; undefined if there is no answer in time. */
function estimate(password: string, words: string[]): Promise<Estimate | undefined> {
  thread ??= startThread();
  const { worker, answers } = thread;
  clearTimeout(idle);
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    const timer = setTimeout(endThread, ESTIMATE_MS_MAX);
    timer.unref();
    answers.set(id, (found) => {
      clearTimeout(timer);
      answers.delete(id);
      if (answers.size === 0) {
        worker.unref();
        idle = setTimeout(endThread, IDLE_MS).unref();
      }
      resolve(found);
    });
    worker.ref();
    worker.postMessage({ id, password, words } satisfies EstimateRequest);
  });
}

function startThread() {
  const worker = new Worker(new URL('./strength-worker.js', import.meta.url));
  const answers = new Map<number, (found: Estimate | undefined) => void>();
  worker.on('message', (found: Estimate) => answers.get(found.id)?.(found));
  worker.on('error', endThread);
  return { worker, answers };
}

/** Ends the thread; what still waits has no answer. */
function endThread(): void {
  const ended = thread;
  thread = undefined;
  if (!ended) return;
  void ended.worker.terminate();
  for (const answer of ended.answers.values()) answer(undefined);
}
