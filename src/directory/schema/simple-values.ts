// Reads values that clients, files and people may write as text: flags and numbers; and the values of custom attributes of accounts.

import { parseDateTime } from './date-time.ts';
import type { Attribute, AttributeValue } from './schema.ts';

/** Why a value is none of the attribute, in words. */
export type CustomValue = { ok: true; value: AttributeValue | undefined } | { ok: false; rule: string };

/**
 * Reads a JSON value, or the text of a cell, as a value of a custom attribute. An empty text and an empty list clear the attribute.
 * @param given undefined and null clear the attribute, too
 */
export function readCustomValue(attribute: Pick<Attribute, 'type' | 'multiValued'>, given: unknown): CustomValue {
  if (given === undefined || given === null || given === '') return { ok: true, value: undefined };
  if (!attribute.multiValued) return readSingle(attribute, given);
  if (!Array.isArray(given)) return { ok: false, rule: 'must be a list' };
  const values: AttributeValue[] = [];
  for (const each of given) {
    const read = readSingle(attribute, each);
    if (!read.ok) return read;
    if (read.value !== undefined && !values.includes(read.value)) values.push(read.value);
  }
  return { ok: true, value: values.length > 0 ? values : undefined };
}

function readSingle({ type }: Pick<Attribute, 'type'>, given: unknown): CustomValue {
  switch (type) {
    case 'boolean':
      return found(booleanFrom(given), 'must be true or false');
    case 'integer':
      return found(numberFrom(given, type), 'must be a whole number');
    case 'decimal':
      return found(numberFrom(given, type), 'must be a number');
    case 'dateTime':
      if (typeof given === 'string' && parseDateTime(given.trim())) return { ok: true, value: given.trim() };
      return { ok: false, rule: 'must be a date and time such as 2026-01-31T12:00:00Z' };
    default:
      return typeof given === 'string' ? { ok: true, value: given } : { ok: false, rule: 'must be text' };
  }
}

function found(value: boolean | number | undefined, rule: string): CustomValue {
  return value === undefined ? { ok: false, rule } : { ok: true, value };
}

/** A flag, also as text in any case; undefined if it is none. Entra ID sends `"False"`. */
export function booleanFrom(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.length > 5) return undefined;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** A number, also as text such as `42` or `-1.5`; undefined if it is none of the type. */
export function numberFrom(value: unknown, type: 'integer' | 'decimal'): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  return (type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)) ? number : undefined;
}

/** A value as texts, one for each of its elements. */
export function customTexts(value: AttributeValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((each) =>
    typeof each === 'string' ? each : JSON.stringify(each),
  );
}
