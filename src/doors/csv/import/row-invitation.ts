// The invitation of a row's new user: the column Invite, or the account's setting for files without it.

import { type Fault, fault, isNonEmpty } from '../../../directory/faults.ts';
import { draftFaults } from '../../../directory/invitations/draft.ts';
import type { BegunInvitation } from '../../../directory/invitations/inviter.ts';
import type { Account, UserView } from '../../../directory/model.ts';
import { setAt } from '../../../directory/schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../../../directory/schema/schema.ts';
import { readFlag } from '../format/cells.ts';
import type { FileRow } from '../format/parse.ts';
import { cellOf, type RowRevision } from './row-change.ts';

/** Begins invitations of rows; in a simulation nothing is stored or sent. */
export interface RowInvitations {
  /** @param attributes what is known of the person before the user is created: the language */
  begin(account: Account, attributes: Attributes): Promise<Pick<BegunInvitation, 'invites' | 'sent' | 'withdrawn'>>;
  hasTextMessages: boolean;
}

/** Whether the user of a row, if new, is to be invited. */
export function isInvited(row: FileRow, { inviteImported }: Pick<Account, 'inviteImported'>): boolean {
  const cell = cellOf(row, 'invite')?.trim() ?? '';
  return cell === '' ? inviteImported === true : readFlag(cell) === true;
}

/** What is known of a row's person before the user is created. */
export function languageIn(row: FileRow): Attributes {
  const attributes = emptyAttributes();
  const language = cellOf(row, 'language') ?? '';
  if (language !== '') setAt(attributes, 'preferredLanguage', language);
  return attributes;
}

const NEW_ONLY = 'has no effect: the user is there already, and only new users are invited';

/**
 * The revision of a row whose user is to be invited: a new user is, by the rules of the form of an invitation; one who is invited stays
 * so; to others nothing happens, which is a note.
 */
export function withInvitation(
  revised: RowRevision,
  row: FileRow,
  {
    current,
    account,
    begun,
    hasTextMessages,
  }: {
    current: UserView | undefined;
    account: Account;
    begun: Pick<BegunInvitation, 'invites'> | undefined;
    hasTextMessages: boolean;
  },
): RowRevision {
  const { revision } = revised;
  if (!revision) return revised;
  if (current?.invitation) return { ...revised, revision: { ...revision, staysInvited: true } };
  if (current) {
    const isStated = (cellOf(row, 'invite') ?? '').trim() !== '';
    return isStated
      ? { ...revised, notes: [...revised.notes, fault('invalidValue', 'Invite', { rule: NEW_ONLY })] }
      : revised;
  }
  const { attributes, links = [] } = revision;
  // The column confirms the user agreement, as its description says.
  const faults: Fault[] = draftFaults({ attributes, links, agreed: true }, account, hasTextMessages).map(inColumns);
  const all = [...(revised.ok ? [] : revised.faults), ...faults];
  const invited = { ...revision, ...(begun ? { invites: begun.invites } : {}) };
  return isNonEmpty(all)
    ? { ok: false, faults: all, revision: invited, notes: revised.notes }
    : { ok: true, revision: invited, notes: revised.notes };
}

function inColumns(found: Fault): Fault {
  return found.path === 'groups' ? { ...found, path: 'userGroups' } : found;
}
