// Converts validation errors of a request to the directory's fault codes.

import type { z } from 'zod';
import { type Fault, type Faults, fault } from '../../../directory/faults.ts';

const FAULTS_MAX = 20;

/**
 * The faults of a failed check, made with `reportInput`: required, wrongType, tooLong, tooMany, invalidValue, mutability.
 */
export function faultsOf(error: z.ZodError): Faults {
  const faults = error.issues.slice(0, FAULTS_MAX).flatMap(faultsOfIssue);
  return [faults[0] ?? fault('invalidValue'), ...faults.slice(1)];
}

function faultsOfIssue(issue: z.core.$ZodIssue): Fault[] {
  const path = pathOf(issue.path);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return [fault('required', path)];
      return [fault('wrongType', path, { expected: withArticle(issue.expected) })];
    case 'too_big':
      if (issue.origin === 'string') return [fault('tooLong', path, { max: Number(issue.maximum) })];
      if (issue.origin === 'array') return [fault('tooMany', path, { max: Number(issue.maximum) })];
      return [fault('invalidValue', path, { rule: `must be at most ${issue.maximum}` })];
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return [fault('required', path)];
      return [fault('invalidValue', path, { rule: `must be at least ${issue.minimum}` })];
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, FAULTS_MAX)
        .map((key) => fault('mutability', pathOf([...issue.path, key.slice(0, 100)]), { rule: 'is not known' }));
    case 'invalid_value':
      return [
        fault('invalidValue', path, { rule: `must be one of ${issue.values.slice(0, 20).map(String).join(', ')}` }),
      ];
    default:
      return [fault('invalidValue', path, { rule: issue.message.slice(0, 200).replace(/\.$/, '') })];
  }
}

function withArticle(expected: string): string {
  const article = /^[aeiou]/.test(expected) ? 'an' : 'a';
  return `${article} ${expected}`;
}

function pathOf(steps: readonly PropertyKey[]): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += `${path === '' ? '' : '.'}${String(step).slice(0, 100)}`;
  }
  return path;
}
