// The options that state attributes of a user, and the body of the admin API that they make.

import { createReadStream } from 'node:fs';
import { json } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { CODE_LIST_KEYS, TEXT_KEYS, type UserDraft } from '../../doors/admin/operations/user-schemas.ts';
import { CommandError } from '../frame/errors.ts';
import type { OpenAccount } from '../session.ts';
import { groupId, storeRefId } from '../targets.ts';
import { mustFindUser } from './lookup.ts';

type TextKey = keyof typeof TEXT_KEYS;
type CodeListKey = keyof typeof CODE_LIST_KEYS;

/** The options of attributes. An option that is absent states nothing; an empty text clears. */
export type UserOptions = Partial<Record<TextKey, string> & Record<CodeListKey, string[]>> & {
  externalId?: string;
  givenName?: string;
  familyName?: string;
  email?: string[];
  phone?: string[];
  role?: string[];
  manager?: string;
  store?: string[];
  group?: string[];
  inactive?: boolean;
  body?: string;
};

/** Adds an option for each attribute of the admin API. `list` is how the options of lists are explained. */
export function attributeOptions(command: Command, list: string): Command {
  const text = (key: string, what: string) => command.addOption(new Option(`--${kebab(key)} <text>`, what));
  text('externalId', 'External ID, which the source assigns');
  text('givenName', 'first name');
  text('familyName', 'last name');
  repeated(command, '--email <address>', `e-mail address; the first one is the main one; ${list}`);
  repeated(command, '--phone <number>', `phone number with its country code; the first one is the main one; ${list}`);
  text('manager', 'superior, by id, External ID, login name or e-mail');
  repeated(command, '--store <store>', `store, by ref id, id or name; the first one is the main one; ${list}`);
  repeated(command, '--role <role>', `role of the user; ${list}`);
  for (const key of Object.keys(TEXT_KEYS)) if (key !== 'userName') text(key, words(key));
  for (const key of Object.keys(CODE_LIST_KEYS)) repeated(command, `--${kebab(key)} <code>`, `${words(key)}; ${list}`);
  return command.option('--body <file>', 'JSON with more attributes, as the admin API takes them; - for stdin');
}

/** Adds an option that can be given several times. */
export function repeated(command: Command, flags: string, description: string): Command {
  return command.option(flags, description, appended);
}

function appended(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** The body that options make; names of users, stores and groups become what the admin API takes. @throws CommandError */
export async function bodyOf(open: OpenAccount, options: UserOptions): Promise<UserDraft> {
  const { externalId, givenName, familyName, email, phone, role, manager, store, group, inactive } = options;
  const alike = [...Object.keys(TEXT_KEYS), ...Object.keys(CODE_LIST_KEYS)] as (TextKey | CodeListKey)[];
  const name = {
    ...(givenName === undefined ? {} : { givenName }),
    ...(familyName === undefined ? {} : { familyName }),
  };
  return {
    ...(await bodyIn(options.body)),
    ...Object.fromEntries(alike.flatMap((key) => (options[key] === undefined ? [] : [[key, given(options[key])]]))),
    ...(externalId === undefined ? {} : { externalId }),
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(email ? { emails: contacts(email, 'work') } : {}),
    ...(phone ? { phoneNumbers: contacts(phone, 'mobile') } : {}),
    ...(role ? { roles: withoutBlank(role).map((value) => ({ value })) } : {}),
    ...(manager === undefined ? {} : { manager: manager === '' ? null : (await mustFindUser(open, manager)).id }),
    ...(store ? { stores: await storesOf(open, withoutBlank(store)) } : {}),
    ...(group ? { groups: await Promise.all(withoutBlank(group).map((text) => groupId(open, text))) } : {}),
    ...(inactive ? { active: false } : {}),
  };
}

async function storesOf(open: OpenAccount, texts: string[]): Promise<NonNullable<UserDraft['stores']>> {
  const refIds = await Promise.all(texts.map((text) => storeRefId(open, text)));
  return refIds.map((refId, index) => ({ refId, ...(index === 0 ? { primary: true } : {}) }));
}

function contacts(values: string[], type: string) {
  return withoutBlank(values).map((value, index) => ({ value, type, ...(index === 0 ? { primary: true } : {}) }));
}

function given(value: string | string[] | undefined): string | string[] | undefined {
  return Array.isArray(value) ? withoutBlank(value) : value;
}

function withoutBlank(values: string[]): string[] {
  return values.filter((value) => value !== '');
}

/** The JSON object of a file or of stdin. @throws CommandError */
async function bodyIn(file: string | undefined): Promise<UserDraft> {
  if (file === undefined) return {};
  const content = await json(file === '-' ? process.stdin : createReadStream(file)).catch((error: unknown) => {
    throw new CommandError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as UserDraft;
  throw new CommandError(`${file} has to contain one JSON object.`);
}

/** `organizationalUnit` as an option: `organizational-unit`. */
function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function words(key: string): string {
  return kebab(key).replaceAll('-', ' ');
}
