// Owns what the form of an invitation demands beside the rules of users (document 002), and where an invitation is sent.

import { languagesOf } from '../entry/entry.ts';
import { type Fault, fault } from '../faults.ts';
import type { LinkChange } from '../links/changes.ts';
import type { Account } from '../model.ts';
import { isSuperior } from '../reference-data/references.ts';
import { elementsAt, textAt } from '../schema/attributes.ts';
import { EMAIL_RULE, hasControlCharacters, isEmailAddress, PHONE_RULE, toE164 } from '../schema/formats.ts';
import type { Attributes } from '../schema/schema.ts';
import { isBlank } from '../schema/texts.ts';
import type { InvitationDraft } from './invitations.ts';

/** The destination of a message: an e-mail address, or a phone number in E.164. */
export interface Recipient {
  channel: 'mail' | 'sms';
  address: string;
}

const AGREEMENT_RULE = 'the user agreement must be confirmed, so that the person may be written to';
const GROUP_RULE = 'an invited person needs at least one user group';
const STORE_RULE = 'a manager needs a store: without one, the person would be stopped after choosing the language';
const CONTACT_RULE = 'an e-mail or a phone number is needed';
const NO_TEXT_MESSAGES = 'an e-mail is needed, because text messages are not set up on this server';

/**
 * What is wrong with an invitation. Faults: required (`name.givenName`, `name.familyName`, `emails`, `groups`, `stores`,
 * `userAgreement`), invalidValue (`emails[0].value`, `phoneNumbers[0].value`, `language`).
 */
export function draftFaults(
  { attributes, links, language, agreed }: InvitationDraft,
  account: Account,
  hasTextMessages: boolean,
): Fault[] {
  const faults: Fault[] = [];
  for (const key of ['name.givenName', 'name.familyName'])
    if (isBlank(textAt(attributes, key) ?? '')) faults.push(fault('required', key));
  faults.push(...contactFaults(attributes, hasTextMessages));
  if (!links.some(isGroup)) faults.push(fault('required', 'groups', { rule: GROUP_RULE }));
  const hasStore = links.some((change) => 'links' in change && change.target === 'store' && change.links.length > 0);
  if (isSuperior({ attributes }) && !hasStore) faults.push(fault('required', 'stores', { rule: STORE_RULE }));
  if (!agreed) faults.push(fault('required', 'userAgreement', { rule: AGREEMENT_RULE }));
  const offered = languagesOf(account);
  if (language !== undefined && !offered.includes(language)) {
    const rule = `must be a language of the account: ${offered.join(', ')}`;
    faults.push(fault('invalidValue', 'language', { value: language, rule }));
  }
  return faults;
}

/** Whether a change of links brings the user into a group. */
function isGroup(change: LinkChange): boolean {
  if (change.op === 'join') return change.groups.length > 0;
  return 'links' in change && change.op !== 'remove' && change.target === 'group' && change.links.length > 0;
}

function contactFaults(attributes: Attributes, hasTextMessages: boolean): Fault[] {
  const email = first(attributes, 'emails');
  if (email !== undefined) {
    const isSafe = isEmailAddress(email) && !hasControlCharacters(email);
    return isSafe ? [] : [fault('invalidValue', 'emails[0].value', { value: email, rule: EMAIL_RULE })];
  }
  const phone = first(attributes, 'phoneNumbers');
  if (phone === undefined) return [fault('required', 'emails', { rule: CONTACT_RULE })];
  if (toE164(phone) === undefined)
    return [fault('invalidValue', 'phoneNumbers[0].value', { value: phone, rule: PHONE_RULE })];
  return hasTextMessages ? [] : [fault('required', 'emails', { rule: NO_TEXT_MESSAGES })];
}

/** The destination of messages to a person: the e-mail if there is one, otherwise to the phone if text messages can be sent. */
export function recipientOf(attributes: Attributes, hasTextMessages: boolean): Recipient | undefined {
  const email = first(attributes, 'emails');
  if (email !== undefined) return { channel: 'mail', address: email };
  const phone = toE164(first(attributes, 'phoneNumbers') ?? '');
  return phone !== undefined && hasTextMessages ? { channel: 'sms', address: phone } : undefined;
}

/** The primary value of a list of contacts, otherwise the first one. */
function first(attributes: Attributes, key: 'emails' | 'phoneNumbers'): string | undefined {
  const given = elementsAt(attributes, key).filter(({ value }) => typeof value === 'string' && !isBlank(value));
  const { value } = given.find(({ primary }) => primary === true) ?? given[0] ?? {};
  return typeof value === 'string' ? value : undefined;
}
