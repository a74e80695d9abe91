// Records every command that opens the database as an event: those that carry out operations of the admin API as these operations,
// all others by their name, without their arguments.

import { userInfo } from 'node:os';
import type { Store } from '../../app/database.ts';
import type { Account, RequestActor } from '../../directory/model.ts';
import { FAULT_MESSAGES } from '../../doors/admin/api/fault-messages.ts';
import type { Subject } from '../../doors/contract.ts';
import type { EventRecorder } from '../../http/events/recorder.ts';
import type { Log } from '../../log.ts';
import { type ErrorReport, OutputClosed, reportOf } from './errors.ts';
import { printNote } from './output.ts';

/** The command of this process, as far as its event tells it. */
interface Recording {
  /** Such as `/user/export`. */
  path: string;
  account?: Account;
  /** What named the people whom the command is about; only hashes are stored. */
  about: Set<string>;
  /** What the command acts on, unless it carries out operations of the admin API. */
  subject?: Subject;
  recorder?: EventRecorder;
  /** Whether an operation was recorded, which tells more than the name of the command. */
  hasOperation: boolean;
}

/** How long a command waits for its events to be stored. */
const STORE_MS = 5_000;

/** Commands that only read. */
const READS =
  /\/(?:list|show|search|members|history|sources|changes|rows|failed|result|review|schema|template|export|sessions|tokens|watch|events|health)$/;

let recording: Recording = newRecording('');

function newRecording(path: string): Recording {
  return { path, about: new Set(), hasOperation: false };
}

/** A command with these words, such as `user` and `export`, begins. */
export function beginCommand(...words: string[]): void {
  recording = newRecording(words.map((word) => `/${word}`).join(''));
}

/** The command acts on this account. */
export function actsOn(account: Account): void {
  recording.account = account;
}

/** The command acts on this administrator, connection, credential or import. */
export function concerns(subject: Subject): void {
  recording.subject = subject;
}

/** The command is about the person whom this text names, also if there is none or the command is refused. */
export function isAbout(...identities: string[]): void {
  for (const identity of identities) recording.about.add(identity);
}

/** Who runs commands: the user of the operating system. */
export function operatingUser(): RequestActor {
  return { kind: 'commandLine', id: userInfo().username };
}

/** The recorder of this command. @throws Error if the database is not open */
export function recorderOfCommand(): EventRecorder {
  const { recorder } = recording;
  if (!recorder) throw new Error('a command is recorded only while its database is open');
  return {
    ...recorder,
    record(exchange) {
      recording.hasOperation = true;
      recorder.record(exchange);
    },
  };
}

/** Does the work of a command on an open store, and records it, whatever comes of it. */
export async function recorded(store: Store, work: () => Promise<void>): Promise<void> {
  const { openRecorder } = await import('../../app/commands.ts');
  const recorder = await openRecorder(store, LOG);
  recording.recorder = recorder;
  const at = new Date();
  let failure: ErrorReport | undefined;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OutputClosed)) failure = reportOf(error);
    throw error;
  } finally {
    record(recorder, at, failure);
    await recorder.stop(STORE_MS);
  }
}

function record(recorder: EventRecorder, at: Date, failure: ErrorReport | undefined): void {
  if (recording.hasOperation) return;
  const { path, account, about, subject } = recording;
  recorder.recordCommand({
    at,
    by: operatingUser(),
    account: account?.id,
    path,
    isRead: READS.test(path),
    status: failure ? statusOf(failure.code) : 200,
    faults: failure ? (failure.faults ?? [{ code: failure.code, detail: failure.message }]) : [],
    subject,
    identities: [...about],
  });
}

/** The status that the admin API answers for a code. */
function statusOf(code: string): number {
  if (code === 'internal') return 500;
  if (code === 'unavailable') return 503;
  const message = Object.hasOwn(FAULT_MESSAGES, code) ? FAULT_MESSAGES[code as keyof typeof FAULT_MESSAGES] : undefined;
  return message?.({ code: code as keyof typeof FAULT_MESSAGES, path: '', params: {} }).status ?? 400;
}

/** Only what goes wrong with events themselves. */
const LOG: Log = {
  error: (message) => printNote(message),
  warn: (message) => printNote(message),
  info: () => undefined,
  debug: () => undefined,
};
