// `connection watch`: the requests of a connection as they come in, whichever server receives them.

import { type Command, Option } from 'commander';
import { type RecordedEvent, readableFaults } from '../directory/event.ts';
import { followEvents } from '../directory/followed-events.ts';
import {
  filterOf,
  STREAM_METHODS,
  STREAM_OUTCOMES,
  STREAM_STATUSES,
} from '../doors/admin/operations/connection-stream.ts';
import { renderEvent } from '../doors/admin/operations/events.ts';
import { jsonLine, printNote, withoutControls, write } from './frame/output.ts';
import { type AccountOptions, accountOf, untilInterrupted, withStore } from './session.ts';
import { mustFindConnection } from './targets.ts';

interface WatchOptions extends AccountOptions {
  outcome?: (typeof STREAM_OUTCOMES)[number];
  method?: (typeof STREAM_METHODS)[number];
  status?: (typeof STREAM_STATUSES)[number];
}

/** Adds what `connection watch` does to the command with its argument. */
export function watchCommand(command: Command): void {
  command
    .description(
      'show the requests of a connection as they come in, until Ctrl-C; --json prints one object on each line',
    )
    .addOption(
      new Option('--outcome <outcome>', 'only requests that were accepted, or refused').choices(STREAM_OUTCOMES),
    )
    .addOption(new Option('--method <method>', 'only requests with this method').choices(STREAM_METHODS))
    .addOption(new Option('--status <class>', 'only requests with a status of this class').choices(STREAM_STATUSES))
    .action(watch);
}

function watch(text: string, options: WatchOptions): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    const { id, name } = await mustFindConnection(store, account, text);
    const { composeEvents } = await import('../app/history.ts');
    const events = composeEvents(store.mongo.db);
    printNote(`The requests of ${name} are shown as they come in. Press Ctrl-C to stop.`);
    await untilInterrupted(async (signal) => {
      const followed = { account: account.id, connection: id, filter: filterOf(options), signal };
      for await (const step of followEvents(events, followed)) {
        for (const event of step.events) await write(`${options.json ? jsonOf(event, name) : lineOf(event)}\n`);
      }
    });
  });
}

/** An operator has access to the database, and may see what is in it. */
const OPERATOR = { role: 'systemAdministrator' } as const;

const jsonOf = (event: RecordedEvent, connection: string): string => jsonLine(renderEvent(event, connection, OPERATOR));

/** Time, status, method, path and reasons: widths are not known before the requests come. */
function lineOf({ at, status, method, path, faults = [], values = [] }: RecordedEvent): string {
  const reasons = readableFaults(faults, values).map(({ code, error = code, detail }) => `${error}: ${detail}`);
  const parts = [at.toISOString().slice(11, 19), String(status), method.padEnd(6), path, ...reasons];
  return withoutControls(parts.join('  ').replace(/\s+/g, (gap) => ' '.repeat(gap.length)));
}
