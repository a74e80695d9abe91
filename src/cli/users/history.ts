// `user history`: the requests about a person and the changes of their user, newest first.

import { type RecordedEvent, readableBody, readableFaults } from '../../directory/event.ts';
import type { AuditRecord, HistoryEntry } from '../../directory/history.ts';
import { type ChangeNames, type HistoryNames, readableValue, referenceWords } from '../../directory/history-names.ts';
import type { RequestActor } from '../../directory/model.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson } from '../frame/output.ts';
import { isAbout } from '../frame/recording.ts';
import { type AccountOptions, withAccount } from '../session.ts';

interface HistoryOptions extends AccountOptions {
  limit: number;
  reads?: boolean;
}

export function showHistory(text: string, options: HistoryOptions): Promise<void> {
  return withAccount(options.account, async ({ account, history, historyNames, findSubjects }) => {
    isAbout(text);
    const subjects = await findSubjects({ account }, text);
    const { limit, reads = false } = options;
    const { entries } = await history.list(account.id, subjects, { limit, reads });
    const names = await historyNames(
      account,
      entries.flatMap((entry) => ('change' in entry ? [entry.change] : [])),
    );
    if (options.json) printJson(entries.map((entry) => readable(entry, names)));
    else if (entries.length === 0) throw new CommandError(`Nothing is recorded about "${text}".`, 'notFound');
    else print(entries.map((entry) => linesOf(entry, names)).join('\n'));
  });
}

export function showChanges(options: AccountOptions & { limit: number }): Promise<void> {
  return withAccount(options.account, async ({ account, history, historyNames }) => {
    const { records } = await history.audit(account.id, { limit: options.limit });
    const names = await historyNames(account, records);
    if (options.json) printJson(records.map((record) => ({ ...record, ...names.ofChange(record) })));
    else print(records.map((record) => changeLines(record, names.ofChange(record))).join('\n'));
  });
}

function readable(entry: HistoryEntry, names: HistoryNames): HistoryEntry {
  if (!('event' in entry)) return { ...entry, change: { ...entry.change, ...names.ofChange(entry.change) } };
  const { values = [], faults, requestBody, responseBody } = entry.event;
  return {
    ...entry,
    event: {
      ...entry.event,
      ...(faults ? { faults: readableFaults(faults, values) } : {}),
      ...(requestBody === undefined ? {} : { requestBody: readableBody(requestBody, values) }),
      ...(responseBody === undefined ? {} : { responseBody: readableBody(responseBody, values) }),
    },
  };
}

function linesOf(entry: HistoryEntry, names: HistoryNames): string {
  return 'event' in entry ? requestLines(entry.event) : changeLines(entry.change, names.ofChange(entry.change));
}

function requestLines({ at, door, actor, method, path, status, faults = [], values = [] }: RecordedEvent): string {
  const who = actorWords(actor);
  const reasons = readableFaults(faults, values)
    .map(({ code, error = code, detail }) => `\n    ${error}: ${detail}`)
    .join('');
  return `${timeOf(at)}  ${door}  ${who}  ${method} ${path}  ${status}${reasons}`;
}

const GONE = 'no longer there';

function changeLines(
  { at, door, actor, action, resource, subject, values = [], attributes = [] }: AuditRecord,
  { named, refers }: ChangeNames,
): string {
  const who = actorWords(actor);
  const shown = (text: string | undefined) => (text === undefined ? '-' : readableValue(text, refers, GONE));
  const what = named ? referenceWords(named, GONE) : subject;
  const changes =
    values.length > 0
      ? values.map(({ attribute, before, after }) => `\n    ${attribute}: ${shown(before)} -> ${shown(after)}`).join('')
      : attributes.map((attribute) => `\n    ${attribute}`).join('');
  return `${timeOf(at)}  ${door}  ${who}  ${action} ${resource} ${what}${changes}`;
}

/** Who it was: the e-mail of an administrator, the name of a token, the command line with its user, or a run. */
export function actorWords(actor: RequestActor | undefined): string {
  if (!actor) return '-';
  return actor.kind === 'commandLine' ? `command line, OS user ${actor.id}` : (actor.name ?? actor.id);
}

function timeOf(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
