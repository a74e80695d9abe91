// What `simulate` prints: a table for each exchange, the reasons below it, and what it means for the client.

import { printNote, write } from '../frame/output.ts';
import { createTable, terminalWidth, wrapped } from '../frame/table.ts';
import { CLIENTS, type ClientKind, type ExchangeResult, type Replayed } from './replay.ts';
import type { StepResult, Verdict } from './verdict.ts';

/** Sentences are broken at this width in a pipe and in a file. */
const WIDTH_ELSEWHERE = 120;

/** How many steps have each verdict. */
export type Tally = Record<Verdict, number>;

/** Counts verdicts. */
export function tallyOf(steps: readonly StepResult[]): Tally {
  const tally: Tally = { passed: 0, differs: 0, stopped: 0, skipped: 0 };
  for (const { verdict } of steps) tally[verdict] += 1;
  return tally;
}

const COLUMNS = [
  { title: 'STEP', of: ({ step }: StepResult) => step, shrinks: true },
  { title: 'REQUEST', of: ({ request }: StepResult) => request, shrinks: true },
  { title: 'STATUS', of: ({ status }: StepResult) => (status === undefined ? undefined : String(status)) },
  { title: 'EXPECTED', of: ({ expected }: StepResult) => expected.join(', ') },
  { title: 'VERDICT', of: ({ verdict }: StepResult) => verdict },
];

/** Prints the table of an exchange, and the reasons of the steps that did not pass. */
export async function writeExchange({ name, about, steps }: ExchangeResult): Promise<void> {
  const width = terminalWidth() ?? WIDTH_ELSEWHERE;
  const reasons = steps
    .filter(({ verdict }) => verdict === 'differs' || verdict === 'stopped')
    .map(({ verdict, step, reason, source }) =>
      wrapped(`${verdict}: ${step}. ${reason ?? ''}${source === undefined ? '' : ` [${source}]`}`, width, '  '),
    );
  const lines = [
    ...wrapped(`${name} - ${about}`, width, '').split('\n'),
    createTable(COLUMNS, steps).whole,
    ...reasons,
  ];
  await write(`${lines.join('\n')}\n\n`);
}

/** Prints what the verdicts mean for the client, and what was left behind. */
export async function writeSummary(client: ClientKind, tally: Tally, replayed: Replayed): Promise<void> {
  const { name } = CLIENTS[client];
  const steps = tally.passed + tally.differs + tally.stopped + tally.skipped;
  const parts = [
    meaningOf(name, tally, steps, replayed),
    ...(tally.differs > 0 ? [`At ${countOf(tally.differs, 'step')} it would go on, although the answer differs.`] : []),
    ...(tally.skipped > 0 ? [`${countOf(tally.skipped, 'step')} depend on a step that failed.`] : []),
    `${countOf(replayed.requests, 'request')} sent; ${countOf(replayed.removed, 'resource')} removed again.`,
  ];
  await write(`${wrapped(parts.join(' '), terminalWidth() ?? WIDTH_ELSEWHERE, '')}\n`);
  if (replayed.left.length > 0)
    printNote(
      `Not removed, please delete (the names contain ${replayed.run}; users were deactivated if the server allows it): ${replayed.left.join(' ')}`,
    );
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function meaningOf(name: string, { stopped }: Tally, steps: number, { error }: Replayed): string {
  const early = error ? `The replay ended early, after ${countOf(steps, 'step')}. ` : '';
  if (stopped > 0) return `${early}${name} would be stopped at ${countOf(stopped, 'step')} of ${steps}.`;
  return error ? early.trimEnd() : `${name} gets through all ${countOf(steps, 'step')}.`;
}
