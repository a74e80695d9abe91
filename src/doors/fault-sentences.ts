// The English sentence of each fault of the directory. Every door builds its messages from this one table, so that a fault reads
// the same in a SCIM response, a problem and a file of results. The type of the table requires an entry for every fault code.

import type { Fault, FaultCode } from '../directory/faults.ts';

type Params = Fault['params'];

const SHOWN_CHARS_MAX = 255;

/** A fault of an attribute is a predicate that follows its name; a fault of the whole request is a sentence. Neither has a period. */
const SENTENCES: Record<FaultCode, (params: Params) => string> = {
  required: () => 'is required and has no value',
  tooLong: ({ max }) => `is longer than ${max} characters`,
  tooMany: ({ max }) => `has more than ${max} elements`,
  wrongType: ({ expected }) => `must be ${expected ?? 'a value of another type'}`,
  invalidValue: () => 'has a value that is not allowed',
  uniqueness: ({ holder, holderId }) =>
    `is taken by ${HOLDERS[String(holder)] ?? 'another resource of this account'}${holderId === undefined ? '' : ` (id ${shown(holderId)})`}`,
  mutability: () => "can't be changed here",
  ambiguousIdentity: () => 'matches more than one user of this account',
  possibleDuplicate: () => 'belongs to a user with another external ID, who may be the same person',
  unknownReference: ({ kind }) => `refers to ${kindName(kind)} that does not exist in this account`,
  inUse: ({ users }) =>
    `is used by ${users === 1 ? 'one user' : `${users} users`}, and is removed only if nobody uses it`,
  nestedGroup: ({ id }) =>
    `${id === undefined ? 'A member' : `The member ${shown(id)}`} exists but is a group: a group can't be a member of a group, since user groups have no hierarchy`,
  forbidden: () => 'is not allowed',
  notFound: () => 'does not exist in this account',
  memberNotFound: ({ id }) =>
    `${id === undefined ? 'A member' : `The member ${shown(id)}`} does not exist in this account`,
  userLimit: ({ limit }) => `The contract of this account allows ${limit} active users, and that many are active`,
  preconditionFailed: () => 'The resource has changed in the meantime',
  busy: () => 'Too many changes were made to this resource at the same time; nothing was changed',
};

/** Who has a unique value, by `Fault.params.holder`. */
const HOLDERS: Readonly<Record<string, string>> = {
  active: 'another user of this account',
  incomplete: 'another user of this account',
  inactive: 'another user of this account, who is inactive; activate that user instead of creating one',
  invited: 'another user of this account, who has been invited and has not registered yet',
  blocked: 'another user of this account, whom an administrator has blocked',
  deleted: 'a user who has been deleted in the meantime; send the request again',
  group: 'another group of this account',
  store: 'another store of this account',
  orgUnit: 'another org unit of this account',
};

/** The fault as a predicate or a sentence, without a period. If the fault has a `rule`, the rule replaces it. */
export function sentenceOf({ code, params }: Fault): string {
  return params.rule === undefined ? SENTENCES[code](params) : String(params.rule);
}

/** `<name> is required and has no value.`, or `<name>: <rule>.` if the fault has a rule. */
export function sentenceAbout(name: string, fault: Fault): string {
  return fault.params.rule === undefined ? `${name} ${sentenceOf(fault)}.` : `${name}: ${sentenceOf(fault)}.`;
}

/** Text from a client, quoted and cut to 255 characters. */
export function shown(value: string | number): string {
  return JSON.stringify(String(value).slice(0, SHOWN_CHARS_MAX));
}

const KINDS: Readonly<Record<string, string>> = {
  orgUnit: 'an org unit',
  enrollmentProfile: 'an enrollment profile',
  organization: 'an organization',
  group: 'a user group',
};

function kindName(kind: string | number | undefined): string {
  return KINDS[String(kind)] ?? `a ${kind ?? 'resource'}`;
}
