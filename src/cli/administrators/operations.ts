// What the commands on administrators do.

import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Administrator } from '../../auth/administrator-store.ts';
import type { AdministratorChange, Administrators, ChangedAdministrator } from '../../auth/administrators.ts';
import { scopeFaults } from '../../directory/administration/administrator-scope.ts';
import type { Account } from '../../directory/model.ts';
import { CommandError } from '../frame/errors.ts';
import { allPages, print, printJson, printNote, type Shown, showList, showOne } from '../frame/output.ts';
import { concerns } from '../frame/recording.ts';
import { accepted, accountOf, administratorCaller, openDirectory, settingsFor, withStore } from '../session.ts';
import { shortDate } from '../tables.ts';
import { findUser } from '../users/lookup.ts';
import type { ChangeOptions, CreateOptions, LevelOptions, ResetOptions, ScopeOptions } from './commands.ts';

/** The administrators of one level: of an account, or above all accounts. */
interface Level {
  administrators: Administrators;
  /** Absent for System Administrators. */
  account: Account | undefined;
  /** The org unit and the id of the user that options name, checked. @throws CommandError */
  scope: (options: ScopeOptions) => Promise<ScopeOptions>;
}

/** Opens the administrators of a level for `work`. */
export function withLevel({ account: slug }: LevelOptions, work: (level: Level) => Promise<void>): Promise<void> {
  return withStore(async (store) => {
    const account = slug === undefined ? undefined : await accountOf(store, slug);
    const { openAdministrators } = await import('../../app/admin.ts');
    const administrators = await openAdministrators(await settingsFor(store), store.mongo);
    const scope = async ({ orgUnit, user }: ScopeOptions): Promise<ScopeOptions> => {
      const stated = { ...(orgUnit === undefined ? {} : { orgUnit }), ...(user === undefined ? {} : { user }) };
      if (!account || (!orgUnit && !user)) return stated;
      const { directory } = await openDirectory(store);
      try {
        return await checkedScope(directory, account, stated);
      } finally {
        await directory.stop();
      }
    };
    await work({ administrators, account, scope });
  });
}

type OpenDirectory = Awaited<ReturnType<typeof openDirectory>>['directory'];

async function checkedScope(directory: OpenDirectory, account: Account, stated: ScopeOptions): Promise<ScopeOptions> {
  const caller = administratorCaller(account);
  const user = stated.user ? await findUser({ directory }, account, stated.user) : undefined;
  const named = { ...stated, ...(user ? { user: user.id } : {}) };
  for (const { path, params } of await scopeFaults(directory, caller, named)) {
    const see = path === 'orgUnit' ? 'org-unit list' : 'user list';
    const what = path === 'orgUnit' ? 'org unit' : 'user';
    throw new CommandError(
      `The ${what} "${params.value}" does not exist. See: ${see} --account ${account.slug}`,
      'unknownReference',
    );
  }
  return named;
}

export function listAdministrators(options: LevelOptions & { limit?: number }): Promise<void> {
  return withLevel(options, async ({ administrators, account }) => {
    const all = allPages<Administrator, string>(async ({ count, after }) => {
      const items = await administrators.list(account?.id ?? null, {
        limit: count,
        ...(after === undefined ? {} : { after }),
      });
      return { items, next: items.length < count ? undefined : items.at(-1)?.id };
    }, options.limit);
    await showList(options, all, ADMINISTRATORS);
  });
}

export function showAdministrator(who: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) =>
    showOne(options, await mustFind(level, who), { ...ADMINISTRATORS, lines: true }),
  );
}

export function createAdministrator(email: string, options: CreateOptions): Promise<void> {
  return withLevel(options, async ({ administrators, account, scope }) => {
    const { orgUnit, user } = await scope(options);
    const given = await givenPassword(options);
    const password = options.openid ? undefined : (given ?? randomPassword());
    const created = await administrators.create({
      email,
      name: options.name ?? email,
      role: options.role,
      ...(account ? { account: account.id } : {}),
      ...(orgUnit ? { orgUnit } : {}),
      ...(user ? { user } : {}),
      ...(password === undefined ? {} : { password }),
    });
    const administrator = accepted(created);
    concernsAdministrator(administrator);
    showWithPassword(administrator, options.passwordStdin ? undefined : password, options);
  });
}

/** Changes an administrator; what the options state, and `more`. */
export function changeAdministrator(
  who: string,
  options: ChangeOptions,
  more: Pick<AdministratorChange, 'disabled'> = {},
): Promise<void> {
  return withLevel(options, async (level) => {
    const { email, name, role } = options;
    const changes: AdministratorChange = {
      ...(email === undefined ? {} : { email }),
      ...(name === undefined ? {} : { name }),
      ...(role === undefined ? {} : { role }),
      ...(await level.scope(options)),
      ...more,
    };
    if (Object.keys(changes).length === 0)
      throw new CommandError('Nothing to change was stated. Add --help to see the options.', 'usage');
    const found = await mustFind(level, who);
    showChanged(accepted(await level.administrators.change(found.id, changes)), options);
  });
}

export function removeAdministrator(who: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const { id, email } = await mustFind(level, who);
    accepted(await level.administrators.remove(id));
    if (options.json) printJson({ deleted: id, email });
    else print(`Removed ${email} (${id}), with all sessions and personal tokens.`);
  });
}

/** Sets another password, which ends all sessions and personal tokens; the administrator gets a mail about it. */
export function resetPassword(who: string, options: ResetOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const found = await mustFind(level, who);
    const password = (await givenPassword(options)) ?? randomPassword();
    const changed = accepted(await level.administrators.change(found.id, { password }));
    const shown = options.passwordStdin ? {} : { password };
    if (options.json) return printJson({ ...jsonOf(changed.administrator), ended: changed.ended, ...shown });
    print(endedLine(changed));
    if (!options.passwordStdin) print(password);
  });
}

export function sendPasswordLink(who: string, options: LevelOptions): Promise<void> {
  return withLevel(options, async (level) => {
    const { id, email } = await mustFind(level, who);
    const sent = await level.administrators.sendPasswordLink(id);
    if ('reason' in sent)
      throw new CommandError(`Links were sent to ${email} too often. Wait a while, then try again.`, sent.reason);
    accepted(sent);
    if (options.json) printJson({ sentTo: email });
    else print(`The mail to ${email} is stored and is sent by a running server that has SMTP_URL.`);
  });
}

/** The administrator with this e-mail or id on this level. @throws CommandError */
export async function mustFind({ administrators, account }: Level, who: string): Promise<Administrator> {
  const named = await administrators.byEmail(who, account?.id ?? null);
  const found = named ?? (await administrators.byId(who));
  if (found && found.account === account?.id) {
    concernsAdministrator(found);
    return found;
  }
  const list = account ? `administrator list --account ${account.slug}` : 'administrator list';
  const where = account ? `the account ${account.slug}` : 'the System Administrators; for others, add --account';
  throw new CommandError(
    `No administrator with the e-mail or id "${who}" exists in ${where}. See: ${list}`,
    'notFound',
  );
}

/** The password on stdin, if it is to be read from there. */
async function givenPassword({ passwordStdin }: { passwordStdin?: boolean }): Promise<string | undefined> {
  return passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
}

function concernsAdministrator({ id, email }: Administrator): void {
  concerns({ type: 'Administrator', id, name: email });
}

function randomPassword(): string {
  return randomBytes(15).toString('base64url');
}

function showWithPassword(administrator: Administrator, password: string | undefined, options: LevelOptions): void {
  if (options.json) {
    printJson({ ...jsonOf(administrator), ...(password === undefined ? {} : { password }) });
    return;
  }
  showOne(options, administrator, ADMINISTRATORS);
  if (password !== undefined) print(password);
}

function showChanged(changed: ChangedAdministrator, options: LevelOptions): void {
  if (options.json) {
    printJson({ ...jsonOf(changed.administrator), ...(changed.ended ? { ended: changed.ended } : {}) });
    return;
  }
  showOne(options, changed.administrator, ADMINISTRATORS);
  if (changed.ended) printNote(endedLine(changed));
}

function endedLine({ administrator, ended }: ChangedAdministrator): string {
  return `Ended ${ended?.sessions ?? 0} sessions and ${ended?.tokens ?? 0} personal tokens of ${administrator.email}.`;
}

function jsonOf({ identity: _identity, credentialsVersion: _version, ...shown }: Administrator) {
  return shown;
}

const ADMINISTRATORS: Shown<Administrator> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'E-MAIL', of: ({ email }) => email, shrinks: true },
    { title: 'ROLE', of: ({ role }) => role },
    { title: 'FOR', of: ({ orgUnit, user }) => orgUnit ?? user, shrinks: true },
    { title: 'STATE', of: ({ disabled }) => (disabled ? 'disabled' : 'active') },
    { title: 'LAST SIGN-IN', of: ({ lastSignIn }) => (lastSignIn ? shortDate(lastSignIn) : 'never') },
  ],
  json: jsonOf,
};
