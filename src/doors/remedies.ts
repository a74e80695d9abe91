// The cause of each fault code and what to do about it, in words for the people who run a connection. A fault's own sentence says what
// was wrong with one request; this says what lies behind many of them. The other languages have the same entries, or they do not compile.

import type { Language } from '../directory/accounts/settings.ts';
import type { FaultCode } from '../directory/faults.ts';
import { de } from './remedies-de.ts';
import { fr } from './remedies-fr.ts';
import { nl } from './remedies-nl.ts';

/** Why something keeps failing, and what to do: one or two sentences each. */
export interface Remedy {
  cause: string;
  fix: string;
}

/** Beside the fault codes of the directory: what keywords of SCIM, states of a token and statuses mean. */
type OtherCause =
  | 'filter'
  | 'path'
  | 'syntax'
  | 'cursor'
  | 'outage'
  | 'expired'
  | 'revoked'
  | 'address'
  | 'method'
  | 'size'
  | 'mediaType'
  | 'unknown';

/** The remedies in one language. */
export type Remedies = Readonly<Record<FaultCode | OtherCause, Remedy>>;

const en: Remedies = {
  required: {
    cause: 'A required attribute is not mapped in the client, or it is empty in the source for these people.',
    fix: 'Fill in the attribute in the source, or map it. To accept incomplete users and list what is missing, set the account to report required data.',
  },
  tooLong: {
    cause: 'A text in the source is longer than this server stores.',
    fix: 'Shorten the text in the source, or cut it in the attribute mapping.',
  },
  tooMany: {
    cause: 'A request has more elements than one request may have.',
    fix: 'Send fewer at once; for groups, assign them to the application one after the other.',
  },
  wrongType: {
    cause: 'The attribute mapping sends another type than the attribute has, such as a text for a number.',
    fix: "Correct the mapping's expression; the answer to a refused request names the attribute and the right type.",
  },
  invalidValue: {
    cause:
      'A value in the source has a format that is not allowed, such as a country by name instead of its calling code.',
    fix: 'Correct the value in the source, or convert it in the attribute mapping; the answer names attribute and rule.',
  },
  uniqueness: {
    cause:
      'Another user or group here has the same login name or External ID: often somebody who was imported or invited before.',
    fix: 'Match by an attribute that both sides have, so that the client finds the existing user. Otherwise change one of the two.',
  },
  notFound: {
    cause: 'The client refers to a user or group that was deleted here.',
    fix: 'Start the synchronization again in the client, so that it looks for everybody again.',
  },
  memberNotFound: {
    cause:
      'A group has a member who is not here: the client has not created the person, the create was refused, or the person was deleted here.',
    fix: 'Assign the person to the application, too, and look for a refused create before it. If the person was deleted here, unassign and assign them again.',
  },
  nestedGroup: {
    cause: 'A group has another group as a member; user groups have no hierarchy here.',
    fix: 'Assign the groups with the people themselves.',
  },
  mutability: {
    cause:
      'The client changes an attribute that only the server or an administrator may change, or the members of a derived group.',
    fix: 'Remove the attribute from the mapping, or the group from the assignment.',
  },
  userLimit: {
    cause: 'The account has as many active users as its contract allows.',
    fix: 'Deactivate people who have left, or have the limit raised.',
  },
  ambiguousIdentity: {
    cause: 'A row of a file matches more than one user.',
    fix: 'Add the External ID to the row.',
  },
  possibleDuplicate: {
    cause: 'A row has the e-mail address of a user with another External ID, who may be the same person.',
    fix: 'Correct the External ID in the file, or change the e-mail address of one of the two.',
  },
  unknownReference: {
    cause: 'A role, org unit, organization, enrollment profile or store is named that does not exist here.',
    fix: 'Create it first, or correct the name in the source.',
  },
  inUse: { cause: 'Something is to be removed that users still have.', fix: 'Move the users first, then remove it.' },
  forbidden: {
    cause:
      'The credential, or the role of the administrator, does not allow this. A connection only reads stores and org units over SCIM unless it may write them.',
    fix: 'Use a token of this connection, or ask for the right. For stores and org units, switch on “Writes stores and org units” in the connection, in the console or with `connection set NAME --stores-and-units write`.',
  },
  preconditionFailed: {
    cause: 'Two clients change the same resource, and one works with an old version.',
    fix: 'It resolves itself with the next synchronization. If it repeats, let only one connection write these users.',
  },
  busy: {
    cause: 'Many requests change the same resource at the same time, or the server has no place for more requests.',
    fix: 'The client tries again by itself. If it repeats every day, spread the work: fewer assignments at once.',
  },
  filter: {
    cause: 'The client searches by an attribute or an operator that the server does not have.',
    fix: "Choose userName, externalId or the work e-mail as the matching attribute in the client's attribute mapping.",
  },
  path: {
    cause: 'The attribute mapping names an attribute that does not exist here.',
    fix: 'Compare the mapping with the attribute table, and remove or correct the row. Or let the connection ignore unknown attributes.',
  },
  syntax: {
    cause: 'The client sends a request that is not valid JSON, or not a SCIM message.',
    fix: 'Open one of the refused requests in the timeline: the answer names the place. Report it to the maker of the client.',
  },
  cursor: {
    cause: 'The client continues a list too late, or with other parameters than it began with.',
    fix: 'Start the import again. If it repeats, use pages by startIndex.',
  },
  outage: {
    cause: 'The server or its database was not available.',
    fix: 'The client tries again by itself. If it lasts, ask the operator of the server with the request id of an event.',
  },
  expired: {
    cause: 'The token of this connection has expired.',
    fix: 'Create a new token here and paste it into the client as its secret token. Then test the connection there.',
  },
  revoked: {
    cause: 'The client uses a token that was revoked.',
    fix: 'Paste the current token into the client, or create a new one. Then test the connection there.',
  },
  address: {
    cause: 'The client calls an address that does not exist here, or a resource that was deleted.',
    fix: 'Compare the Tenant URL with the one on the set-up page. Otherwise start the synchronization again.',
  },
  method: {
    cause: 'The client uses a method that the address does not have.',
    fix: 'Compare the Tenant URL with the one on the set-up page: it must end with /scim/v2.',
  },
  size: { cause: 'A request is larger than the server accepts.', fix: 'Send fewer members or operations at once.' },
  mediaType: {
    cause: 'The client sends a body that is not JSON.',
    fix: 'Set the content type to application/scim+json in the client.',
  },
  unknown: {
    cause: 'The requests were refused for a reason that is described in each answer.',
    fix: 'Open one of the refused requests in the timeline and follow its sentence.',
  },
};

const IN_LANGUAGE: Readonly<Record<Language, Remedies>> = { en, nl, fr, de };

/** The cause behind the codes of events that are no fault codes. */
const CAUSES: Readonly<Record<string, keyof Remedies>> = {
  invalidFilter: 'filter',
  invalidPath: 'path',
  noTarget: 'path',
  invalidSyntax: 'syntax',
  invalidCursor: 'cursor',
  expiredCursor: 'cursor',
  invalidCount: 'cursor',
  '404': 'address',
  '405': 'method',
  '412': 'preconditionFailed',
  '413': 'size',
  '415': 'mediaType',
  '429': 'busy',
  '500': 'outage',
  '503': 'outage',
};

/** What lies behind a code of an event, and what to do about it. */
export function remedyOf(code: string, language: Language = 'en'): Remedy {
  return IN_LANGUAGE[language][causeOf(code)];
}

/** The path of the troubleshooting page, which this server serves to everyone. */
const TROUBLESHOOTING_PATH = '/docs/troubleshooting';

/** The path of the page in a language. */
export function troubleshootingPath(language: Language): string {
  return language === 'en' ? TROUBLESHOOTING_PATH : `${TROUBLESHOOTING_PATH}/${language}`;
}

/** The section of the page about a code of an event. */
export function sectionPath(code: string, language: Language = 'en'): string {
  return `${troubleshootingPath(language)}#${causeOf(code)}`;
}

/** A remedy with the code of an event that leads to it, and the section about it. */
export interface CodedRemedy extends Remedy {
  code: string;
  page: string;
}

/** The remedy of each code in a language. A code that is not among them has that of `unknown`. */
export function listRemedies(language: Language = 'en'): CodedRemedy[] {
  const codes = [...Object.keys(en), ...Object.keys(CAUSES)];
  return codes.map((code) => ({ code, ...remedyOf(code, language), page: sectionPath(code, language) }));
}

/** The remedies in a language, by cause. */
export function remediesIn(language: Language): Remedies {
  return IN_LANGUAGE[language];
}

function causeOf(code: string): keyof Remedies {
  if (Object.hasOwn(CAUSES, code)) return CAUSES[code] ?? 'unknown';
  return Object.hasOwn(en, code) ? (code as keyof Remedies) : 'unknown';
}
