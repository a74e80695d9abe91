// Reads filter and path text from left to right, each character a bounded number of times (RFC 7644 §3.4.2.2, figure 1).
// Recognises words, strings and brackets; the parser interprets them.

import { badRequest } from '../scim-error.ts';

/** A position in the text of a filter or path, and what can be read from it. Positions in messages count from 1. */
export class FilterScanner {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The next character, '' at the end. */
  get next(): string {
    return this.text.charAt(this.position);
  }

  /** Skips spaces; returns whether there were any. */
  skipSpace(): boolean {
    const start = this.position;
    while (isSpace(this.text.charCodeAt(this.position))) this.position += 1;
    return this.position > start;
  }

  /** Skips this character if it is the next one. */
  take(character: string): boolean {
    if (this.next !== character) return false;
    this.position += 1;
    return true;
  }

  /** The run of characters up to a space, bracket or quote; '' if there is none. Does not move the position. */
  peekWord(): string {
    let end = this.position;
    while (end < this.text.length && !endsWord(this.text.charCodeAt(end))) end += 1;
    return this.text.slice(this.position, end);
  }

  word(): string {
    const word = this.peekWord();
    this.position += word.length;
    return word;
  }

  /** A JSON string with its escapes; the next character is its opening quote. */
  string(): string {
    const start = this.position;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) this.fail('a closing quote for the string', this.text.length);
    this.position = end + 1;
    try {
      return JSON.parse(this.text.slice(start, this.position)) as string;
    } catch {
      return this.fail('a valid JSON string', start);
    }
  }

  /** Throws an error that says what was expected and at which position. */
  fail(expected: string, position = this.position): never {
    throw badRequest('invalidFilter', `The filter is malformed: expected ${expected} at position ${position + 1}.`);
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function endsWord(code: number): boolean {
  return isSpace(code) || code === 0x28 || code === 0x29 || code === 0x5b || code === 0x5d || code === 0x22;
}
