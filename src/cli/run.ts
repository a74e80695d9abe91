// Runs one command: parses its arguments, and reports why it failed.

import { CommanderError } from 'commander';
import { exitCodeOf, OutputClosed, reportOf } from './frame/errors.ts';
import { printNote } from './frame/output.ts';
import { createProgram } from './program.ts';

/** Runs the command that the arguments name. Errors are reported on stderr and end in `process.exitCode`. */
export async function runCommand(words: readonly string[]): Promise<void> {
  const json = asksForJson(words);
  try {
    const program = await createProgram(words, json);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    report(error, json);
    process.exitCode = exitCodeOf(error);
  }
}

/** Whether the command is asked for JSON, which is known before its options are parsed. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--json');
}

/** Says on stderr why a command failed; as JSON on one line if it was asked for JSON. */
function report(error: unknown, json: boolean): void {
  if (error instanceof OutputClosed || exitCodeOf(error) === 0) return;
  const described = reportOf(error);
  if (json) printNote(JSON.stringify({ error: described }));
  // The parser of the arguments has already said it, with a hint.
  else if (!(error instanceof CommanderError)) printNote(described.message);
}
