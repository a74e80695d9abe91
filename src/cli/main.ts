#!/usr/bin/env node
// The command line. It works beside a running server or without one; results go to stdout, everything else to stderr.

import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import { boundHeapGrowth } from '../heap-growth.ts';
import { accountCommands } from './accounts.ts';
import { administratorCommands } from './administrators.ts';
import { batchCommands } from './batch.ts';
import { catalogueCommands } from './catalogues.ts';
import { connectionCommands } from './connections.ts';
import { groupCommands } from './groups.ts';
import { CommandError, withoutControls } from './session.ts';
import { storeCommands } from './stores.ts';
import { tokenCommands } from './tokens.ts';
import { userCommands } from './users/commands.ts';

function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError) return error.message;
  if (error instanceof StoreUnavailable) return 'The database does not respond. Try again, or check MONGODB_URI.';
  if (error instanceof Error && error.name === 'MongoServerSelectionError')
    return `No MongoDB server responds (${error.message}). Check MONGODB_URI.`;
  return error instanceof Error ? error.message : String(error);
}

boundHeapGrowth();
const program = new Command('cli').description('Administers a MobieTrain provisioning server.').showHelpAfterError();
accountCommands(program);
tokenCommands(program);
connectionCommands(program);
administratorCommands(program);
groupCommands(program);
storeCommands(program);
catalogueCommands(program);
batchCommands(program);
userCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${withoutControls(explain(error))}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
