// `user erase`: erases a person, after a confirmation on the terminal.

import { createInterface } from 'node:readline/promises';
import { mergedIdentifiers, type PersonIdentifiers } from '../../directory/erasure/person.ts';
import { textAt } from '../../directory/schema/attributes.ts';
import { sentence, wordsOf } from '../../doors/csv/fault-messages.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson } from '../frame/output.ts';
import { type AccountOptions, withAccount } from '../session.ts';
import { erasedLines } from '../tables.ts';
import { findUser, userCaller } from './lookup.ts';

interface EraseOptions extends AccountOptions {
  userName?: string[];
  externalId?: string[];
  email?: string[];
  givenName?: string;
  familyName?: string;
  yes?: boolean;
}

export function eraseUser(text: string, options: EraseOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const caller = await userCaller(open);
    const identifiers = identifiersFrom(options);
    const user = await findUser(open, caller, text);
    const who = user ? `the user ${textAt(user.attributes, 'userName') ?? user.id}` : `the deleted person "${text}"`;
    if (!options.yes) await confirm(`Erase ${who} from the account ${options.account} permanently?`);
    const anyIdentifier = { ids: [text], userNames: [text], externalIds: [text], emails: [text] };
    const outcome = user
      ? await open.erasure.eraseUser(caller, user.id, undefined, identifiers, () => undefined)
      : await open.erasure.eraseDeleted(caller, mergedIdentifiers(anyIdentifier, identifiers));
    if (!outcome.ok) throw new CommandError(sentence(outcome.faults.map(wordsOf)));
    if (options.json) printJson(outcome.value);
    else print(erasedLines(outcome.value));
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
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError(`${question} There is no terminal to confirm on: add --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new CommandError('Nothing was erased.');
  } finally {
    terminal.close();
  }
}
