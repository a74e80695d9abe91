#!/usr/bin/env node
// The command line. It works beside a running server or without one; results go to stdout, everything else to stderr.

import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import { boundHeapGrowth } from '../heap-growth.ts';
import { CommandError, withoutControls } from './session.ts';

/** A group of commands. It is loaded only if it is asked for, because loading everything takes longer than most commands. */
interface CommandGroup {
  description: string;
  load: () => Promise<(group: Command) => void>;
}

const GROUPS: ReadonlyMap<string, CommandGroup> = new Map(
  Object.entries<CommandGroup>({
    account: {
      description: 'manage accounts (tenants)',
      load: async () => (await import('./accounts.ts')).accountCommands,
    },
    token: {
      description: 'manage the bearer tokens of connections',
      load: async () => (await import('./tokens.ts')).tokenCommands,
    },
    connection: {
      description: "manage connections, the sources of an account's data",
      load: async () => (await import('./connections.ts')).connectionCommands,
    },
    administrator: {
      description: 'manage administrators',
      load: async () => (await import('./administrators.ts')).administratorCommands,
    },
    group: {
      description: 'manage user groups',
      load: async () => (await import('./groups.ts')).groupCommands,
    },
    store: {
      description: 'manage stores',
      load: async () => (await import('./stores.ts')).storeCommands,
    },
    'org-unit': {
      description: 'manage org units',
      load: async () => (await import('./catalogues.ts')).orgUnitCommands,
    },
    role: {
      description: 'manage roles that imports may use',
      load: async () => (await import('./catalogues.ts')).roleCommands,
    },
    batch: {
      description: 'manage UserMaintenance XML batches',
      load: async () => (await import('./batch.ts')).batchCommands,
    },
    user: {
      description: 'manage users and files of users',
      load: async () => (await import('./users/commands.ts')).userCommands,
    },
  }),
);

/** The program with all groups, of which only the one that the arguments name has its commands. */
async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('cli').description('Administers a MobieTrain provisioning server.').showHelpAfterError();
  const wanted = words[0] === 'help' ? words[1] : words[0];
  for (const [name, { description, load }] of GROUPS) {
    const group = program.command(name).description(description);
    if (name === wanted) (await load())(group);
  }
  return program;
}

function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError) return error.message;
  if (error instanceof StoreUnavailable) return 'The database does not respond. Try again, or check MONGODB_URI.';
  if (error instanceof Error && error.name === 'MongoServerSelectionError')
    return `No MongoDB server responds (${error.message}). Check MONGODB_URI.`;
  return error instanceof Error ? error.message : String(error);
}

boundHeapGrowth();

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${withoutControls(explain(error))}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
