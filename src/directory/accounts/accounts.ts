// Owns the rules of accounts and connections: names and slugs, defaults of new accounts, kinds of connections, rules of derived groups.

import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import type { Account, Connection, ConnectionKind, DerivedGroupRule, UnknownAttributes } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { ResourceSchema } from '../schema/schema.ts';
import type { SettingsChange } from './settings.ts';

const NAME_CHARS_MAX = 255;

/** A new account: a name, a slug (derived from the name by default) and settings. */
export type AccountDraft = { name: string; slug?: string } & SettingsChange;

/** Whether a text is a login slug: 1 to 63 lower-case letters, digits and hyphens, with no hyphen at an end. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** Derives a slug from a name: Latin letters and digits in lower case, joined by hyphens; '' if there are none. */
function slugOf(name: string): string {
  const plain = name.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^a-z0-9]+/).filter((word) => word !== '');
  return words.join('-').slice(0, 63).replace(/-$/, '');
}

/**
 * Completes a draft with its slug and the defaults of required settings. Faults: required, tooLong, invalidValue (of `name` or
 * `slug`).
 */
export function newAccount({ slug: wanted, userLimit, ...draft }: AccountDraft): Outcome<Omit<Account, 'id'>> {
  const { name: given, requiredData = 'enforce', derivedGroups = [], ...others } = draft;
  const name = given.trim();
  const slug = wanted ?? slugOf(name);
  if (name === '') return refused(fault('required', 'name'));
  if (name.length > NAME_CHARS_MAX) return refused(fault('tooLong', 'name', { max: NAME_CHARS_MAX }));
  if (!isSlug(slug)) {
    const rule = 'lower-case letters, digits and hyphens, 63 characters at most';
    return refused(fault('invalidValue', 'slug', { rule }));
  }
  const limit = typeof userLimit === 'number' ? { userLimit } : {};
  return { ok: true, value: { slug, name, requiredData, derivedGroups, ...limit, ...others }, effect: 'created' };
}

/** The name of a connection, trimmed to at most 255 characters. */
export function connectionName(text: string): string {
  return text.trim().slice(0, NAME_CHARS_MAX);
}

/** The kinds of connections. */
export const CONNECTION_KINDS = [
  'entra',
  'okta',
  'csv',
  'xml',
  'crewplanner',
  'other',
] as const satisfies ConnectionKind[];

/** Infers the kind of a connection from its name. */
export function guessKind(name: string): ConnectionKind {
  const text = foldText(name);
  if (text.includes('entra') || text.includes('azure')) return 'entra';
  const kinds: ConnectionKind[] = ['okta', 'csv', 'xml', 'crewplanner'];
  return kinds.find((kind) => text.includes(kind)) ?? 'other';
}

/** The settings of a connection that can change; null sets the default. */
export interface ConnectionChange {
  unknownAttributes?: UnknownAttributes | null;
  kind?: ConnectionKind;
  writesStoresAndUnits?: boolean;
}

/** The values of a connection's setting `unknownAttributes`. */
export const UNKNOWN_ATTRIBUTES = ['refuse', 'ignore'] as const satisfies UnknownAttributes[];

/**
 * What a connection does with paths that name no attribute: its setting, or by default `ignore` for Entra ID and Okta, whose attribute
 * mappings are made by people who can't see our schemas, and `refuse` for all others.
 */
export function unknownAttributesOf({ kind, unknownAttributes }: Connection): UnknownAttributes {
  return unknownAttributes ?? (kind === 'entra' || kind === 'okta' ? 'ignore' : 'refuse');
}

/**
 * Whether a connection may write stores and org units as resources. Naming a store on a user needs no right.
 * @param type `Store` or `OrgUnit`
 * Fault: forbidden
 */
export function storesAndUnitsFault({ writesStoresAndUnits = false }: Connection, type: string): Fault | undefined {
  if (writesStoresAndUnits) return undefined;
  return fault('forbidden', type, {
    operation: 'storesAndUnits',
    rule: 'This connection may read stores and org units, but not write them; an administrator who manages connections can allow it',
  });
}

/** Whether groups can be derived from an attribute, which must be a single-valued text. */
export function isDerivable(schema: ResourceSchema, attribute: string): boolean {
  const known = schema.byKey.get(attribute);
  return known?.type === 'string' && !known.multiValued && !known.parent?.multiValued;
}

/** Validates rules of derived groups. Fault: invalidValue of `derivedGroups[n].attribute`. */
export function derivedGroupFaults(rules: readonly DerivedGroupRule[], schema: ResourceSchema): Fault[] {
  return rules.flatMap(({ attribute }, index) => {
    if (isDerivable(schema, attribute)) return [];
    const rule = 'is not a single-valued text attribute of users';
    return [fault('invalidValue', `derivedGroups[${index}].attribute`, { rule })];
  });
}

const ADMINISTRATORS = { id: 'administrators', name: 'Administrators', kind: 'other' } as const;

/** The source of what administrators write: not one of the account's connections, and without tokens. */
export function administratorsConnection({ id }: Pick<Account, 'id'>): Connection {
  return { ...ADMINISTRATORS, account: id };
}

const LEARNERS = { id: 'learners', name: 'Learners', kind: 'other' } as const;

/** The source of what learners write themselves, such as their language, likewise. */
export function learnersConnection({ id }: Pick<Account, 'id'>): Connection {
  return { ...LEARNERS, account: id };
}
