// What the answer to a step means for the client: a verdict with its reason and the source that says so.

import type { Difference, Exchange, Step } from './exchange.ts';

/** `differs`: not as expected, but the client goes on. `skipped`: needs what a failed step did not return. */
export type Verdict = 'passed' | 'differs' | 'stopped' | 'skipped';

/** The result of one step. */
export interface StepResult {
  exchange: string;
  step: string;
  request: string;
  /** Absent if the request was not sent or not answered. */
  status?: number;
  expected: number[];
  verdict: Verdict;
  /** Why the verdict is not `passed`, in sentences. */
  reason?: string;
  /** The sections and documents that say so. */
  source?: string;
}

/** How many differences of one answer are listed. */
const DIFFERENCES_SHOWN = 5;

/** The verdict on a step whose answer was compared with what the client expects. */
export function verdictOf(
  exchange: Exchange,
  step: Step,
  differences: readonly Difference[],
): Pick<StepResult, 'verdict' | 'reason' | 'source'> {
  if (differences.length === 0) return { verdict: 'passed' };
  const stops = differences.some(({ goesOn }) => !goesOn);
  const method = step.send.split(' ', 1)[0] ?? '';
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map(({ words }) => words);
  const more = differences.length - shown.length;
  const all = [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  const found = all.charAt(0).toUpperCase() + all.slice(1);
  return {
    verdict: stops ? 'stopped' : 'differs',
    reason: `${found.replace(/[.]$/, '')}. ${step.because ?? reasonOf(method, exchange)}`,
    source: `${sectionOf(method, step)}; ${exchange.source}`,
  };
}

/** Why a client needs an answer, if the exchange does not say it of the step. */
function reasonOf(method: string, { about }: Exchange): string {
  return method === 'POST' ? 'Everything that follows needs what is created here.' : about;
}

/** The section of the standard that a request belongs to. */
function sectionOf(method: string, { send, expect: { status } }: Step): string {
  if (status.every((each) => each >= 400)) return 'RFC 7644 §3.12';
  if (method === 'GET') {
    if (/^GET \/(?:Schemas|ResourceTypes|ServiceProviderConfig)/.test(send)) return 'RFC 7644 §4';
    if (send.includes('filter=')) return 'RFC 7644 §3.4.2.2';
    return /^GET \/\w+\/[^?]/.test(send) ? 'RFC 7644 §3.4.1' : 'RFC 7644 §3.4.2';
  }
  return { POST: 'RFC 7644 §3.3', PUT: 'RFC 7644 §3.5.1', PATCH: 'RFC 7644 §3.5.2' }[method] ?? 'RFC 7644 §3.6';
}

/**
 * The result of a step, unless it is only the consequence of the change before it: what reads show differently after a change that was not
 * accepted says nothing new.
 */
export function unlessConsequence(step: StepResult, before: readonly StepResult[]): StepResult {
  const differs = step.verdict === 'stopped' || step.verdict === 'differs';
  if (!differs || isChange(step)) return step;
  const change = before.findLast(isChange);
  if (!change || change.verdict === 'passed' || change.status === undefined) return step;
  if (change.expected.includes(change.status)) return step;
  const { source: _source, ...rest } = step;
  return { ...rest, verdict: 'skipped', reason: `The change before it was not accepted: ${change.step}.` };
}

function isChange({ request }: StepResult): boolean {
  return !request.startsWith('GET ');
}
