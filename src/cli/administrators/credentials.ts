// The commands on sessions and personal tokens of administrators: who is signed in, and how to end it.

import type { Command } from 'commander';
import type { PersonalToken } from '../../auth/administrator-store.ts';
import { endOf } from '../../auth/personal-tokens.ts';
import type { ListedSession } from '../../auth/sessions.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson, type Shown, showList } from '../frame/output.ts';
import { showDeleted } from '../session.ts';
import { shortDate } from '../tables.ts';
import type { LevelOptions } from './commands.ts';
import { mustFind, withLevel } from './operations.ts';

/** Adds `administrator sessions`, `end-sessions`, `tokens` and `revoke-token`; `onOne` makes a command on one administrator. */
export function credentialCommands(onOne: (word: string) => Command): void {
  onOne('sessions').description('list the sessions of an administrator, newest first').action(listSessions);
  onOne('end-sessions')
    .description('end all sessions of an administrator, or one')
    .option('--session <id>', 'id of the session (see administrator sessions)')
    .action(endSessions);
  onOne('tokens').description('list the personal tokens of an administrator').action(listTokens);
  onOne('revoke-token')
    .argument('<token>', 'id or name of the personal token (see administrator tokens)')
    .description('delete a personal token of an administrator; it is refused at once')
    .action(revokeToken);
}

function listSessions(who: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const { id } = await mustFind(level, who);
    await showList(options, await level.administrators.sessionsOf(id), SESSIONS);
  });
}

function endSessions(who: string, options: LevelOptions & { session?: string }): Promise<void> {
  return withLevel(options, async (level) => {
    const { id, email } = await mustFind(level, who);
    const { session } = options;
    const ended =
      session === undefined
        ? await level.administrators.endSessions(id)
        : Number(await level.administrators.endSession(id, session));
    if (session !== undefined && ended === 0)
      throw new CommandError(`${email} has no session "${session}". See: administrator sessions ${email}`, 'notFound');
    if (options.json) printJson({ ended });
    else print(`Ended ${ended} ${ended === 1 ? 'session' : 'sessions'} of ${email}.`);
  });
}

function listTokens(who: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const { id } = await mustFind(level, who);
    await showList(options, await level.administrators.tokensOf(id), TOKENS);
  });
}

function revokeToken(who: string, text: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const { id, email } = await mustFind(level, who);
    const all = await level.administrators.tokensOf(id);
    const [token, another] = all.some((one) => one.id === text)
      ? all.filter((one) => one.id === text)
      : all.filter(({ name }) => name === text);
    if (another) throw new CommandError(`${email} has several tokens "${text}". Name one by its id.`, 'conflict');
    if (!token || !(await level.administrators.removeToken(id, token.id)))
      throw new CommandError(
        `${email} has no personal token "${text}". See: administrator tokens ${email}`,
        'notFound',
      );
    showDeleted(options, token.id);
  });
}

const SESSIONS: Shown<ListedSession> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'SIGNED IN', of: ({ created }) => shortDate(created) },
    { title: 'EXPIRES', of: ({ expires }) => shortDate(expires) },
    { title: 'ADDRESS', of: ({ address }) => address },
    { title: 'BROWSER', of: ({ userAgent }) => userAgent, wraps: true },
  ],
};

const TOKENS: Shown<PersonalToken> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name }) => name, shrinks: true },
    { title: 'TOKEN', of: ({ hint }) => hint },
    { title: 'CREATED', of: ({ created }) => shortDate(created) },
    { title: 'EXPIRES', of: (token) => shortDate(endOf(token)) },
    { title: 'LAST USED', of: ({ lastUsed }) => (lastUsed ? shortDate(lastUsed) : 'never') },
  ],
  json: (token) => {
    const { id, name, hint, created, lastUsed } = token;
    return { id, name, hint, created, expires: endOf(token), ...(lastUsed ? { lastUsed } : {}) };
  },
};
