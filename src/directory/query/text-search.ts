// Owns text search: the words of names, login name, e-mails and employee number, which are found by prefix without case and accents.

import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';

const WORDS_MAX = 64;
const WORD_CHARS_MAX = 100;
const SEARCH_WORDS_MAX = 8;
const KEYS = [
  'name.givenName',
  'name.middleName',
  'name.familyName',
  'name.formatted',
  'displayName',
  'nickName',
  'userName',
  'enterprise.employeeNumber',
  'mobietrain.companyId',
];

/** The form of a text for search: folded and without accents. */
function foldForSearch(text: string): string {
  return foldText(text).normalize('NFKD').replace(/\p{M}/gu, '');
}

/** The words of a user, at most 64 of at most 100 characters: texts between spaces, and their parts between punctuation. */
export function searchWords(data: Attributes): string[] {
  const words = new Set<string>();
  const texts = KEYS.flatMap((key) => textAt(data, key) ?? []);
  for (const email of elementsAt(data, 'emails')) if (typeof email.value === 'string') texts.push(email.value);
  for (const text of texts) {
    for (const token of tokensOf(text)) {
      words.add(token);
      for (const piece of token.split(/[^\p{L}\p{N}]+/u)) if (piece !== '') words.add(piece);
    }
  }
  return [...words].slice(0, WORDS_MAX);
}

/** The words of a search, at most 8. A user matches if each is a prefix of one of its words. */
export function wordsOfSearch(search: string): string[] {
  return [...new Set(tokensOf(search))].slice(0, SEARCH_WORDS_MAX);
}

function tokensOf(text: string): string[] {
  return foldForSearch(text.slice(0, 1000))
    .split(/[\s,;()"]+/u)
    .filter((token) => token !== '')
    .map((token) => token.slice(0, WORD_CHARS_MAX));
}
