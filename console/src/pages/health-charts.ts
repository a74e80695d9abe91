// The charts of requests: their parts, their colours and their summary.

import type { Schemas } from '../operations.ts';
import type { HealthTexts } from '../texts/health/en.ts';
import type { Series } from './chart.tsx';
import { fill } from './lazy-texts.ts';

/** The requests of an hour or a day. */
export type Counts = Schemas['ConnectionLine']['recent'];

/** The parts of a bar. */
export const callSeries = (texts: HealthTexts): Series[] => [
  { label: texts.accepted, tone: 'calm' },
  { label: texts.refused, tone: 'warning' },
  { label: texts.failed, tone: 'severe' },
];

/** The heights of these parts. */
export const partsOf = ({ requests, refused, failed }: Counts) => [requests - refused - failed, refused, failed];

/** All bars in a sentence. */
export function summaryOf(texts: HealthTexts, counts: readonly Counts[], number: (value: number) => string): string {
  const sum = (of: (each: Counts) => number) => number(counts.reduce((total, each) => total + of(each), 0));
  return fill(texts.summary, {
    requests: sum(({ requests }) => requests),
    refused: sum(({ refused }) => refused),
    failed: sum(({ failed }) => failed),
  });
}
