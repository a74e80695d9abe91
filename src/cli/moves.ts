// Moves the users of a store or an org unit to another one before it is deleted.

import { loadCatalogue } from '../app/catalogue.ts';
import { type MoveTarget, moveHolders, type Place } from '../directory/administration/holders.ts';
import { CommandError, refusal } from './frame/errors.ts';
import { printNote } from './frame/output.ts';
import { administratorCaller, type OpenAccount } from './session.ts';

export const MOVE_TO = '--move-to';

/** Moves all users. `where` says where to, for the progress. @throws CommandError if a user could not be moved */
export async function moveAll(open: OpenAccount, from: Place, to: MoveTarget, where: string): Promise<void> {
  const { directory, account } = open;
  const dependencies = { ...directory, schema: loadCatalogue().user };
  const { moved, stayed, reasons } = await moveHolders(dependencies, administratorCaller(account), from, to, {
    onMoved: (count) => printNote(`Moved ${count} users ${where}.`),
  });
  if (stayed === 0) {
    if (moved === 0) printNote('There were no users to move.');
    return;
  }
  const why = reasons.map(({ id, faults }) => `${id}: ${refusal(faults).message.replaceAll('\n', ' ')}`);
  throw new CommandError(
    [`${stayed} users could not be moved, so nothing was deleted; ${moved} were moved.`, ...why].join('\n'),
    reasons[0]?.faults[0]?.code,
  );
}
