// The directory's faults as errors of the UserMaintenance format: its ten error codes, and OTHER for faults without a code.
// The table has an entry for every fault code.

import type { Fault, FaultCode } from '../../directory/faults.ts';
import { sentenceAbout, sentenceOf, shown } from '../fault-sentences.ts';

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

type XmlError = (typeof XML_ERRORS)[number];

/** An error of a block. `fault` and `path` are the directory's; `words` describes the cause. */
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

function other(words: string): Words {
  return { error: 'OTHER', words };
}

/** The elements of the file that these attributes come from. */
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

/** The element that a directory attribute comes from; undefined if there is none. */
export function elementOf(path: string): string | undefined {
  return ELEMENTS.find(([attribute]) => attribute.test(path))?.[1];
}

function at({ path }: Fault): string {
  return path === '' ? 'The block' : (elementOf(path) ?? path);
}

function about(entry: Fault): Words {
  return other(sentenceAbout(at(entry), entry));
}

/** The error for a missing attribute, by its element of the format. */
function requiredWords(entry: Fault): Words {
  // A user without an external ID gets the UserId as external ID.
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
  return about(entry);
}

function invalidWords(entry: Fault): Words {
  if (entry.path === 'preferredLanguage') {
    return { error: 'INVALID_LANGUAGE_CODE', words: `Language code is not valid: it ${entry.params.rule}.` };
  }
  if (entry.path === 'country') {
    return { error: 'INVALID_COUNTRY_CODE', words: `Country code is not valid: it ${entry.params.rule}.` };
  }
  return about(entry);
}

function unknownWords(entry: Fault): Words {
  const { kind, value = '' } = entry.params;
  if (kind === 'role') return { error: 'INVALID_RELATE_ROLE', words: `Role does not exist: ${shown(value)}.` };
  if (kind === 'organization') {
    return { error: 'INVALID_USER_ORGANIZATION', words: `User organization does not exist: ${shown(value)}.` };
  }
  if (kind === 'store') {
    return { error: 'RETAIL_LOCATION_ID_INVALID', words: `Location ID does not exist: ${shown(value)}.` };
  }
  return other(`${at(entry)} ${sentenceOf(entry)}: ${shown(value)}.`);
}

/** The error code and message of each fault. */
const FAULT_MESSAGES: Record<FaultCode, (entry: Fault) => Words> = {
  required: requiredWords,
  invalidValue: invalidWords,
  unknownReference: unknownWords,
  tooLong: about,
  tooMany: about,
  wrongType: about,
  uniqueness: about,
  notFound: about,
  memberNotFound: (entry) => other(`${sentenceOf(entry)}.`),
  nestedGroup: (entry) => other(`${sentenceOf(entry)}.`),
  mutability: about,
  userLimit: (entry) => other(`${sentenceOf(entry)}.`),
  ambiguousIdentity: about,
  possibleDuplicate: about,
  inUse: about,
  forbidden: () => other('A batch is not allowed to do this.'),
  preconditionFailed: (entry) => other(`${sentenceOf(entry)}. Send the block again.`),
  busy: (entry) => other(`${sentenceOf(entry)}. Send the block again.`),
};

/** All errors of a block, in the fixed order of the codes; faults with the same code and text appear once. */
export function blockErrors(faults: readonly Fault[]): BlockError[] {
  const errors = new Map<string, BlockError>();
  for (const entry of faults) {
    const { error, words } = FAULT_MESSAGES[entry.code](entry);
    const key = `${error} ${words}`;
    if (!errors.has(key)) errors.set(key, { error, fault: entry.code, path: entry.path, words });
  }
  const rank = (one: BlockError) => XML_ERRORS.indexOf(one.error);
  return [...errors.values()].sort((a, b) => rank(a) - rank(b));
}
