// Estimates how easy passwords are to guess, in a thread of its own: the dictionaries take a second to load, and an estimate takes tens
// of milliseconds, in which the server would answer nobody. strength.ts starts it.

import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';

/** A password with the words that are easy to guess for this person. */
export interface EstimateRequest {
  id: number;
  password: string;
  words: string[];
}

/** `score`: from 0 (guessed at once) to 4. */
export interface Estimate {
  id: number;
  score: number;
  /** Sentences that say what is weak and what would be better. */
  advice: string[];
}

/** More substitutions of letters, or more characters, take seconds and change hardly any estimate. */
const BOUNDS = { l33tMaxSubstitutions: 8, maxLength: 48 };

const estimator = new ZxcvbnFactory({
  dictionary: { ...common, ...english },
  graphs: adjacencyGraphs,
  translations,
  ...BOUNDS,
});

parentPort?.on('message', ({ id, password, words }: EstimateRequest) => {
  const { score, feedback } = estimator.check(password.slice(0, BOUNDS.maxLength), words);
  const advice = [...(feedback.warning ? [feedback.warning] : []), ...feedback.suggestions];
  parentPort?.postMessage({ id, score, advice } satisfies Estimate);
});
