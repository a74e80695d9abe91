// The directory's refusals in the words of the UserMaintenance format: its ten error codes, and OTHER for what has no code there.
// One table that the compiler checks for completeness.

import type { Fault, FaultCode } from '../../directory/faults.ts';

/** The codes in the order in which a block's errors are reported: that of the elements in a block. */
export const XML_ERRORS = [
  'USER_ID_UNSPECIFIED',
  'USER_NAME_REQUIRED',
  'RETAIL_LOCATION_ID_INVALID',
  'USER_EMAIL_REQUIRED',
  'USER_LANGUAGE_REQUIRED',
  'INVALID_LANGUAGE_CODE',
  'USER_COUNTRY_REQUIRED',
  'INVALID_COUNTRY_CODE',
  'INVALID_RELATE_ROLE',
  'INVALID_USER_ORGANIZATION',
  'OTHER',
] as const;

export type XmlError = (typeof XML_ERRORS)[number];

/** An error of a block. `fault` and `path` are the directory's; `words` say the cause. */
export interface BlockError {
  error: XmlError;
  fault: FaultCode;
  path: string;
  words: string;
}

interface Words {
  error: XmlError;
  words: string;
}

const SHOWN_CHARS_MAX = 100;

function shown(value: string | number | undefined): string {
  return JSON.stringify(String(value ?? '').slice(0, SHOWN_CHARS_MAX));
}

function other(words: string): Words {
  return { error: 'OTHER', words };
}

/** The elements whose values these attributes are, for people who have the file before them. */
const ELEMENTS: readonly [RegExp, string][] = [
  [/^(?:userName|externalId)$/, 'UserId'],
  [/^(?:name|displayName)(?:\.|$)/, 'UserName'],
  [/^emails(?:[.[]|$)/, 'Email'],
  [/(?:^|\.)stores?(?:[.[A-Z]|$)/, 'RetailLocationId'],
  [/^preferredLanguage$/, 'LanguageCode'],
  [/(?:^|\.)country$/, 'CountryCode'],
  [/(?:^|\.)manager(?:\.|$)/, 'ManagerUserId'],
  [/^roles(?:[.[]|$)/, 'UserRole'],
  [/(?:^|\.)organizations(?:[.[]|$)/, 'UserOrganization'],
];

function at({ path }: Fault): string {
  if (path === '') return 'The block';
  return ELEMENTS.find(([attribute]) => attribute.test(path))?.[1] ?? path;
}

function ruled(entry: Fault, otherwise: string): string {
  const { rule } = entry.params;
  return rule === undefined ? `${at(entry)} ${otherwise}.` : `${at(entry)}: ${rule}.`;
}

/** Which element of the format an attribute is, for what it lacks. */
function requiredWords(entry: Fault): Words {
  // The external ID of who has none is the UserId.
  if (entry.path === 'userName' || entry.path === 'externalId')
    return { error: 'USER_ID_UNSPECIFIED', words: 'No user ID was included.' };
  if (/^(name(\.|$)|displayName$)/.test(entry.path)) {
    return { error: 'USER_NAME_REQUIRED', words: 'No user name was included.' };
  }
  if (entry.path === 'emails') return { error: 'USER_EMAIL_REQUIRED', words: 'No email address was included.' };
  if (entry.path === 'preferredLanguage') {
    return { error: 'USER_LANGUAGE_REQUIRED', words: 'No language code was included.' };
  }
  if (entry.path === 'country') return { error: 'USER_COUNTRY_REQUIRED', words: 'No country code was included.' };
  return other(ruled(entry, 'is required and has no value'));
}

function invalidWords(entry: Fault): Words {
  if (entry.path === 'preferredLanguage') {
    return { error: 'INVALID_LANGUAGE_CODE', words: `Language code is not valid: it ${entry.params.rule}.` };
  }
  if (entry.path === 'country') {
    return { error: 'INVALID_COUNTRY_CODE', words: `Country code is not valid: it ${entry.params.rule}.` };
  }
  return other(ruled(entry, 'has a value that is not allowed'));
}

function unknownWords(entry: Fault): Words {
  const { kind, value } = entry.params;
  if (kind === 'role') return { error: 'INVALID_RELATE_ROLE', words: `Role does not exist: ${shown(value)}.` };
  if (kind === 'organization') {
    return { error: 'INVALID_USER_ORGANIZATION', words: `User organization does not exist: ${shown(value)}.` };
  }
  if (kind === 'store') {
    return { error: 'RETAIL_LOCATION_ID_INVALID', words: `Location ID does not exist: ${shown(value)}.` };
  }
  return other(`${at(entry)} names a ${kind ?? 'thing'} that does not exist: ${shown(value)}.`);
}

/** How a batch says each refusal of the directory. */
export const XML_FAULTS: Record<FaultCode, (entry: Fault) => Words> = {
  required: requiredWords,
  invalidValue: invalidWords,
  unknownReference: unknownWords,
  tooLong: (entry) => other(`${at(entry)} is longer than ${entry.params.max} characters.`),
  tooMany: (entry) => other(`${at(entry)} appears more than ${entry.params.max} times.`),
  wrongType: (entry) => other(`${at(entry)} must be ${entry.params.expected}.`),
  uniqueness: (entry) => other(`${at(entry)} is taken: another user of the account has the same value.`),
  notFound: (entry) => other(`${at(entry)} was not found in the account.`),
  memberNotFound: () => other('A member does not exist in the account.'),
  nestedGroup: () => other("A group can't be a member of a group."),
  mutability: (entry) => other(ruled(entry, "can't be written by a file")),
  userLimit: (entry) =>
    other(`The contract of the account allows ${entry.params.limit} active users, and there are as many.`),
  ambiguousIdentity: (entry) => other(`${at(entry)} means more than one user of the account.`),
  possibleDuplicate: (entry) => other(`${at(entry)} belongs to somebody with another external ID.`),
  forbidden: () => other('A batch is not allowed to do this.'),
  preconditionFailed: () => other('The user changed meanwhile. Send the block again.'),
  busy: () => other('Too many writers at once on this user. Send the block again.'),
};

/** Everything that is wrong with a block, in the fixed order of the codes; what two faults say with the same words is said once. */
export function blockErrors(faults: readonly Fault[]): BlockError[] {
  const errors = new Map<string, BlockError>();
  for (const entry of faults) {
    const { error, words } = XML_FAULTS[entry.code](entry);
    const key = `${error} ${words}`;
    if (!errors.has(key)) errors.set(key, { error, fault: entry.code, path: entry.path, words });
  }
  const rank = (one: BlockError) => XML_ERRORS.indexOf(one.error);
  return [...errors.values()].sort((a, b) => rank(a) - rank(b));
}
