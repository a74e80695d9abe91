// The stores, groups and people with which the demo account begins, so that a first list shows something and the files in
// examples/files can be imported as they are. All have "Example" in their names.

import type { Outcome } from '../directory/faults.ts';
import type { LinkChange, LinkStatement } from '../directory/links/changes.ts';
import type { Caller } from '../directory/model.ts';
import type { Provision } from '../directory/ports.ts';
import type { ReferenceData, ReferenceKind } from '../directory/reference-data/reference-data.ts';
import { type Attributes, emptyAttributes } from '../directory/schema/schema.ts';

const STORES = {
  ghent: { reference: 'EX-001', name: 'Example Store Ghent', secondaryKey: '32' },
  antwerp: { reference: 'EX-002', name: 'Example Store Antwerp', secondaryKey: '32' },
  amsterdam: { reference: 'EX-003', name: 'Example Store Amsterdam', secondaryKey: '31' },
} as const satisfies Record<string, LinkStatement>;

/** The groups of the examples. */
export const EXAMPLE_GROUPS = {
  sales: { reference: 'example-sales', name: 'Example Sales', secondaryKey: 'Department' },
  logistics: { reference: 'example-logistics', name: 'Example Logistics', secondaryKey: 'Department' },
  starters: { reference: 'example-starters', name: 'Example New Starters', secondaryKey: 'Programme' },
} as const satisfies Record<string, LinkStatement>;

interface ExamplePerson {
  id: string;
  given: string;
  title: string;
  language: string;
}

interface Example extends ExamplePerson {
  stores: readonly (keyof typeof STORES)[];
  groups: readonly (keyof typeof EXAMPLE_GROUPS)[];
}

const PEOPLE: readonly Example[] = [
  { id: '1', given: 'Anna', title: 'Store manager', language: 'nl', stores: ['ghent', 'antwerp'], groups: ['sales'] },
  { id: '2', given: 'Ben', title: 'Sales assistant', language: 'nl', stores: ['ghent'], groups: ['sales'] },
  {
    id: '3',
    given: 'Chloe',
    title: 'Sales assistant',
    language: 'fr',
    stores: ['antwerp'],
    groups: ['sales', 'starters'],
  },
  { id: '4', given: 'Daan', title: 'Stock clerk', language: 'nl', stores: ['amsterdam'], groups: ['logistics'] },
  {
    id: '5',
    given: 'Emma',
    title: 'Stock clerk',
    language: 'en',
    stores: ['amsterdam'],
    groups: ['logistics', 'starters'],
  },
];

const REFERENCE_DATA: readonly [ReferenceKind, string][] = [
  ['orgUnit', 'Example'],
  ['orgUnit', 'Example/Benelux'],
  ['role', 'ExampleRole'],
  ['organization', 'ExampleOrganization'],
  ['enrollmentProfile', 'EXAMPLE-ONBOARDING'],
];

/** What the examples are written through. */
export interface ExampleEntries {
  provision: Pick<Provision, 'createUser'>;
  referenceData: Pick<ReferenceData, 'add'>;
}

/**
 * Writes the examples; those that exist already are skipped.
 * @throws Error if one is refused for another reason, StoreUnavailable
 */
export async function seedExamples({ provision, referenceData }: ExampleEntries, caller: Caller): Promise<void> {
  for (const [kind, code] of REFERENCE_DATA) expectStored(await referenceData.add(caller, kind, { code }));
  for (const person of PEOPLE) expectStored(await provision.createUser(caller, examplePerson(person), linksOf(person)));
}

function expectStored(outcome: Outcome<unknown>): void {
  if (outcome.ok || outcome.faults[0].code === 'uniqueness') return;
  throw new Error(`An example of the demo account was refused: ${JSON.stringify(outcome.faults)}`);
}

/** The login name of an example of a person, which is the e-mail. */
export function exampleUserName(given: string): string {
  return `${given.toLowerCase()}@example.com`;
}

/** The attributes of an example of a person. */
export function examplePerson({ id, given, title, language }: ExamplePerson): Attributes {
  const email = exampleUserName(given);
  return Object.assign(emptyAttributes(), {
    userName: email,
    externalId: `example-${id}`,
    name: Object.assign(emptyAttributes(), { givenName: given, familyName: 'Example' }),
    displayName: `${given} Example`,
    emails: [Object.assign(emptyAttributes(), { value: email, type: 'work', primary: true })],
    title,
    preferredLanguage: language,
    active: true,
  });
}

function linksOf({ stores, groups }: Example): LinkChange[] {
  const first = <T>(links: T[]) => links.map((link, index) => (index === 0 ? { ...link, primary: true } : link));
  return [
    { op: 'add', target: 'store', links: first(stores.map((key) => STORES[key])) },
    { op: 'add', target: 'group', links: first(groups.map((key) => EXAMPLE_GROUPS[key])) },
  ];
}
