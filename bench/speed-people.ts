// The made-up people of the speed bench: bodies as an identity provider sends them (RFC 7643 §8.3), the same in every run.

import type { Caller, Link, StoredUser } from '../src/directory/model.ts';
import type { Records } from '../src/directory/records.ts';
import type { ResourceSchema } from '../src/directory/schema/schema.ts';
import { planUser } from '../src/directory/users/plan.ts';
import { NO_NAMES } from '../src/directory/users/views.ts';
import { normaliseResource } from '../src/doors/scim/protocol/values/resource.ts';

const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GIVEN = ['Anna', 'Björn', 'Chiara', 'Dries', 'Elif', 'Fatou', 'Giorgos', 'Hanne', 'Ivan', 'Jürgen'];
const FAMILY = ['Peeters', 'Janssens', 'Rossi', 'Nowak', 'Müller', 'Dubois', 'Yılmaz', 'Kowalski', 'Silva', 'De Smet'];
const DEPARTMENTS = ['Sales', 'Retail', 'Logistics', 'Human Resources', 'Marketing', 'Finance', 'IT'];

/** The login name of the person with this number. */
export function userNameOf(number: number): string {
  return `Person.${number}@Example.com`;
}

/** The body of a POST: enterprise extension, two e-mails, two phones; about 1.1 KB. */
export function personBody(number: number): object {
  const given = GIVEN[number % GIVEN.length] ?? '';
  const family = FAMILY[Math.floor(number / 10) % FAMILY.length] ?? '';
  const digits = String(number % 1_000_000).padStart(6, '0');
  return {
    schemas: [USER_URN, ENTERPRISE_URN],
    externalId: `ext-${number}`,
    userName: userNameOf(number),
    active: true,
    displayName: `${given} ${family}`,
    title: 'Store associate',
    preferredLanguage: 'nl-BE',
    name: { formatted: `${given} ${family}`, givenName: given, familyName: family },
    emails: [
      { value: `person.${number}@example.com`, type: 'work', primary: true },
      { value: `${number}@home.example.org`, type: 'home' },
    ],
    phoneNumbers: [
      { value: `+32 470 ${digits.slice(0, 2)} ${digits.slice(2, 4)} ${digits.slice(4)}`, type: 'mobile' },
      { value: `+32 2 5${digits}`, type: 'work' },
    ],
    [ENTERPRISE_URN]: {
      employeeNumber: `E${number}`,
      department: DEPARTMENTS[number % DEPARTMENTS.length],
      costCenter: `CC${number % 100}`,
      organization: 'Example NV',
      division: 'Benelux',
    },
  };
}

/** The stored document of a person, created by the directory as for a POST. */
export async function personDocument(
  number: number,
  links: Link[],
  context: { records: Records; schema: ResourceSchema; caller: Caller; id: string },
): Promise<StoredUser> {
  const { attributes, stated } = normaliseResource(personBody(number), context.schema);
  const planned = await planUser(
    {
      records: context.records,
      schema: context.schema,
      caller: context.caller,
      now: new Date(),
      identityHash: () => Promise.reject(new Error('a new person has no former identities')),
    },
    { id: context.id, names: NO_NAMES, mode: 'create', attributes, stated, links: [] },
  );
  if (!planned.ok) throw new Error(`A made-up person is refused: ${JSON.stringify(planned.faults)}`);
  return { ...planned.user, groups: links, changes: [] };
}
