// What a command that fails says: a code for programs and sentences for people, as text or as JSON, and the exit code.

import { CommanderError } from 'commander';
import { ConfigError } from '../../config.ts';
import { type Fault, StoreUnavailable } from '../../directory/faults.ts';
import { FAULT_MESSAGES } from '../../doors/admin/api/fault-messages.ts';

/** The exit code after invalid settings of the environment. */
const CONFIGURATION_EXIT = 2;

/** One reason of a refusal, as the admin API gives it. */
interface FaultReport {
  code: string;
  path: string;
  detail: string;
}

/** What a failed command says. `code` is a fault code of the directory, or `usage`, `configuration`, `unavailable`, `failed`, `internal`. */
export interface ErrorReport {
  code: string;
  message: string;
  faults?: FaultReport[];
}

/** An error that the user can correct; printed without a stack trace. `code` is for programs. */
export class CommandError extends Error {
  readonly code: string;
  readonly faults: FaultReport[] | undefined;
  constructor(message: string, code = 'failed', faults?: FaultReport[]) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.faults = faults;
  }
}

/** The reader of stdout has closed it, as `head` does when it has seen enough. The command ends without a word. */
export class OutputClosed extends Error {}

/** A refusal of the directory, in the sentences and codes of the admin API. */
export function refusal(faults: readonly Fault[]): CommandError {
  const told = faults.map((fault) => ({
    code: fault.code,
    path: fault.path,
    detail: FAULT_MESSAGES[fault.code](fault).detail,
  }));
  const message = [...new Set(told.map(({ detail }) => detail))].join('\n');
  return new CommandError(message, told[0]?.code, told);
}

/** A refusal of the admin API, of its problem. */
export function refusalOf(problem: unknown): CommandError {
  const { code, detail, faults } = problem as { code: string; detail: string; faults?: FaultReport[] };
  const details = faults ? [...new Set(faults.map((each) => each.detail))] : [detail];
  return new CommandError(details.join('\n'), code, faults);
}

/** What an error means for the user. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CommandError) {
    const { code, message, faults } = error;
    return { code, message, ...(faults ? { faults } : {}) };
  }
  if (error instanceof CommanderError) return { code: 'usage', message: usageMessage(error) };
  if (error instanceof ConfigError) return { code: 'configuration', message: error.message };
  if (error instanceof StoreUnavailable)
    return { code: 'unavailable', message: 'The database does not respond. Try again, or check MONGODB_URI.' };
  if (error instanceof Error && error.name === 'MongoServerSelectionError')
    return { code: 'unavailable', message: `No MongoDB server responds (${error.message}). Check MONGODB_URI.` };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The exit code after an error; 0 if it ends a command that did what was asked, such as `--help`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return 0;
  if (error instanceof CommanderError) return error.exitCode;
  return error instanceof ConfigError ? CONFIGURATION_EXIT : 1;
}

function usageMessage({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'No command was given. Add --help to see the commands.';
  return message.replace(/^error: /, '');
}
