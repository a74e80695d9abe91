// Owns the login names that the server makes: from a person's names, with a number that is increased until the name is free.

import { foldText } from '../schema/fold.ts';

/** The most characters of a login name in the form (003). */
const LOGIN_NAME_CHARS_MAX = 100;

/** The login name made from a person's names (`ann.peeters`), at most 100 characters; undefined if there are no names. */
export function loginNameFrom(names: { given: string; family: string }): string | undefined {
  const named = (text: string): string => foldText(text).replace(/\s+/gu, '');
  const parts = [named(names.given), named(names.family)].filter((part) => part !== '');
  return parts.length === 0 ? undefined : cutTo(parts.join('.'), LOGIN_NAME_CHARS_MAX);
}

/** The `count`th login name of a base: itself, then `base2`, `base3`, …, cut so that it stays within 100 characters. */
export function countedUp(base: string, count: number): string {
  if (count === 1) return base;
  const suffix = String(count);
  return cutTo(base, LOGIN_NAME_CHARS_MAX - suffix.length) + suffix;
}

function cutTo(text: string, max: number): string {
  const signs = [...text];
  return signs.length <= max ? text : signs.slice(0, max).join('');
}
