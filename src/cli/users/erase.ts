// `user erase`: erases a person, after a confirmation on the terminal.

import { createInterface } from 'node:readline/promises';
import type { Erased } from '../../directory/erasure/erasure.ts';
import { mergedIdentifiers, type PersonIdentifiers } from '../../directory/erasure/person.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson } from '../frame/output.ts';
import { type AccountOptions, perform, withAccount } from '../session.ts';
import { erasedLines } from '../tables.ts';
import { findUser } from './lookup.ts';
import { nameOf } from './view.ts';

interface EraseOptions extends AccountOptions {
  userName?: string[];
  externalId?: string[];
  email?: string[];
  givenName?: string;
  familyName?: string;
  yes?: boolean;
}

/** The longest text that can be an id. */
const ID_CHARS_MAX = 64;

export function eraseUser(text: string, options: EraseOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const identifiers = identifiersFrom(options);
    const user = await findUser(open, open.account, text);
    const who = user ? `the user ${nameOf(user)}` : `the deleted person "${text}"`;
    if (!options.yes)
      await confirm(`Erase ${who} from the account ${options.account} permanently?`, 'Nothing was erased.');
    // A text that names a deleted person may be any identifier.
    const { wholeNames: _none, ...known } = mergedIdentifiers(identifiers, {
      ids: text.length > ID_CHARS_MAX ? [] : [text],
      userNames: [text],
      externalIds: [text],
      emails: [text],
    });
    const erased = user
      ? await perform<Erased>(open, { method: 'POST', path: `/users/${user.id}/erase`, body: identifiers })
      : await perform<Erased>(open, { method: 'POST', path: '/erasures', body: known });
    if (options.json) printJson(erased);
    else print(erasedLines(erased));
  });
}

function identifiersFrom({
  userName,
  externalId,
  email,
  givenName: given,
  familyName: family,
}: EraseOptions): PersonIdentifiers {
  const names = given !== undefined && family !== undefined ? [{ given, family }] : [];
  return { userNames: userName, externalIds: externalId, emails: email, names };
}

/** Asks on the terminal. @throws CommandError unless the answer is yes, and if there is no terminal */
export async function confirm(question: string, refused: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError(`${question} There is no terminal to confirm on: add --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new CommandError(refused);
  } finally {
    terminal.close();
  }
}
