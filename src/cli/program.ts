// The groups of commands, and the program that has them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../config.ts';
import { beginCommand } from './frame/recording.ts';

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
    attribute: {
      description: 'manage the attributes that an account adds to its users',
      load: async () => (await import('./attributes.ts')).attributeCommands,
    },
    administrator: {
      description: 'manage administrators',
      load: async () => (await import('./administrators/commands.ts')).administratorCommands,
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
    organization: {
      description: 'manage organizations that users may have',
      load: async () => (await import('./catalogues.ts')).organizationCommands,
    },
    'enrollment-profile': {
      description: 'manage enrollment profiles that users may have',
      load: async () => (await import('./catalogues.ts')).enrollmentProfileCommands,
    },
    invitation: {
      description: 'follow invitations, send them again, take them back',
      load: async () => (await import('./invitations.ts')).invitationCommands,
    },
    import: {
      description: 'follow imports of files, and get what they refused',
      load: async () => (await import('./files/imports.ts')).importCommands,
    },
    batch: {
      description: 'manage UserMaintenance XML batches',
      load: async () => (await import('./files/batch.ts')).batchCommands,
    },
    simulate: {
      description: 'replay what Entra ID or Okta sends against any SCIM server; open links as CrewPlanner signs them',
      load: async () => (await import('./simulate/commands.ts')).simulateCommands,
    },
    user: {
      description: 'manage users and files of users',
      load: async () => (await import('./users/commands.ts')).userCommands,
    },
  }),
);

/** The program with all groups. Only the group that the arguments name has its commands; without arguments, all have. */
export async function createProgram(words: readonly string[] | undefined, json: boolean): Promise<Command> {
  const program = new Command('mobietrain')
    .description('Administers a MobieTrain provisioning server.')
    .version(packageVersion(), '-V, --version', 'print the version of this package')
    .showHelpAfterError('Add --help to see what the command takes.')
    .exitOverride()
    .hook('preAction', (_program, action) => beginCommand(action.parent?.name() ?? '', action.name()));
  // With --json, run.ts reports the error, as JSON.
  if (json) program.configureOutput({ outputError: () => undefined, writeErr: () => undefined });
  const wanted = words?.[0] === 'help' ? words[1] : words?.[0];
  for (const [name, { description, load }] of GROUPS) {
    const group = program.command(name).description(description);
    if (!words || name === wanted) (await load())(group);
  }
  return program;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** The table of all commands in docs/commands.md: each with its arguments, and what it does. */
export async function describeCommands(): Promise<string> {
  const program = await createProgram(undefined, false);
  const rows = program.commands.flatMap((group) =>
    group.commands.map((command) => {
      const words = command.registeredArguments.map((each) =>
        each.required ? `<${each.name()}>` : `[${each.name()}]`,
      );
      const required = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
      const call = [group.name(), command.name(), ...words, ...required].join(' ');
      return `| \`${call.replaceAll('|', '\\|')}\` | ${command.description()} |`;
    }),
  );
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}
