// Owns the attributes that an account adds to its users: their rules, the schema extension that they make, and the schemas of an account.

import { LRUCache } from 'lru-cache';
import { type Fault, fault } from '../faults.ts';
import type { SchemaCatalogue } from './catalogue.ts';
import { foldText } from './fold.ts';
import { type Attribute, type AttributeDefinition, type SchemaDocument, withExtension } from './schema.ts';

/** The types that a custom attribute can have. */
export const ACCOUNT_ATTRIBUTE_TYPES = ['string', 'boolean', 'integer', 'decimal', 'dateTime'] as const;

/** An attribute that an account adds to its users. */
export interface AccountAttribute {
  /** Unique in the account, in any case, and the name of no other attribute of users. */
  name: string;
  type: (typeof ACCOUNT_ATTRIBUTE_TYPES)[number];
  multiValued: boolean;
  /** Whether an active user without a value is incomplete. */
  required: boolean;
  /** Whether users are found by it from an index; only texts can. */
  matching: boolean;
  description?: string;
}

/** An account as its schemas need it. */
export interface WithAttributes {
  id: string;
  slug: string;
  attributes?: AccountAttribute[];
}

/** The schemas of an account. Those of accounts without custom attributes are the same object. */
export type SchemasOf = (account: WithAttributes) => SchemaCatalogue;

/** The short key of the extension, below which the values are stored. */
export const ACCOUNT_KEY = 'account';

export const ACCOUNT_ATTRIBUTES_MAX = 30;
/** Each adds a search key to every user. */
const MATCHING_ATTRIBUTES_MAX = 5;
const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const DESCRIPTION_CHARS_MAX = 255;
const SCHEMAS_MAX = 1_000;

/** Headings of files and fields of the admin API that are the name of no attribute: a custom attribute beside them would be read as the other. */
export const RESERVED_NAMES: readonly string[] = [
  'Uid',
  'FirstName',
  'LastName',
  'Email',
  'Phone',
  'Superior',
  'SuperiorExternalId',
  'Activated',
  'JobPosition',
  'Language',
  'PrivacyPolicy',
  'Invite',
  'ImportErrors',
  'Blocked',
  'Version',
  'Created',
  'Modified',
  'HasExternalId',
  'PrivacyPolicyConfirmed',
  'CustomAttributes',
];

/** The URN of the schema of an account's custom attributes. @param slug the slug of the account */
export function accountUrn(slug: string): string {
  return `urn:ietf:params:scim:schemas:extension:${ACCOUNT_KEY}:${slug}:2.0:User`;
}

const ACCOUNT_URN =
  /^urn:ietf:params:scim:schemas:extension:account:[a-z0-9-]{1,63}:2\.0:user(?::[a-z][a-z0-9]{0,63})?$/i;

/** Whether a text has the form of such a URN, or of the whole name of a custom attribute. */
export function isAccountUrn(text: string): boolean {
  return ACCOUNT_URN.test(text);
}

/**
 * Validates a new custom attribute. Faults: invalidValue (`name`, `description`, `matching`), uniqueness (`name`), tooMany.
 * @param base the schemas without custom attributes
 */
export function accountAttributeFaults(
  draft: AccountAttribute,
  { attributes = [] }: WithAttributes,
  base: Pick<SchemaCatalogue, 'user'>,
): Fault[] {
  const { name, matching, type, description = '' } = draft;
  const faults: Fault[] = [];
  if (!NAME.test(name)) {
    faults.push(
      fault('invalidValue', 'name', { value: name, rule: 'begins with a letter; letters and digits, at most 64' }),
    );
  } else if (isNameTaken(name, attributes, base)) faults.push(fault('uniqueness', 'name', { value: name }));
  if (matching && type !== 'string')
    faults.push(fault('invalidValue', 'matching', { rule: 'only an attribute of the type string can be matching' }));
  if (description.length > DESCRIPTION_CHARS_MAX)
    faults.push(fault('tooLong', 'description', { max: DESCRIPTION_CHARS_MAX }));
  if (attributes.length >= ACCOUNT_ATTRIBUTES_MAX)
    faults.push(fault('tooMany', 'attributes', { max: ACCOUNT_ATTRIBUTES_MAX }));
  if (matching && attributes.filter((other) => other.matching).length >= MATCHING_ATTRIBUTES_MAX)
    faults.push(fault('tooMany', 'matching', { max: MATCHING_ATTRIBUTES_MAX }));
  return faults;
}

function isNameTaken(name: string, attributes: readonly AccountAttribute[], { user }: Pick<SchemaCatalogue, 'user'>) {
  const wanted = foldText(name);
  return (
    attributes.some((other) => foldText(other.name) === wanted) ||
    RESERVED_NAMES.some((reserved) => foldText(reserved) === wanted) ||
    [...user.byKey.values()].some((other) => other.parent === undefined && foldText(other.name) === wanted)
  );
}

/** The keys of the custom attributes that active users of an account need. */
export function requiredKeysOf({ attributes = [] }: Pick<WithAttributes, 'attributes'>): string[] {
  return attributes.flatMap(({ name, required }) => (required ? [`${ACCOUNT_KEY}.${name}`] : []));
}

/** The custom attributes of an account as compiled attributes, in the order in which they were added. */
export function accountAttributesOf({ user }: Pick<SchemaCatalogue, 'user'>): readonly Attribute[] {
  const part = user.extensions.find(({ key }) => key === ACCOUNT_KEY);
  return part ? [...part.attributes.values()] : [];
}

/** Creates the schemas of accounts over those that all accounts have. An account's are compiled when its attributes change. */
export function createSchemasOf(base: SchemaCatalogue): SchemasOf {
  const known = new LRUCache<string, { text: string; schemas: SchemaCatalogue }>({ max: SCHEMAS_MAX });
  // An account is read from the database again and again; between two reads, requests have the same object.
  const ofObject = new WeakMap<readonly AccountAttribute[], SchemaCatalogue>();

  function compiled(id: string, slug: string, attributes: readonly AccountAttribute[]): SchemaCatalogue {
    const text = JSON.stringify([slug, attributes]);
    const found = known.get(id);
    if (found?.text === text) return found.schemas;
    const schemas = extended(base, slug, attributes);
    known.set(id, { text, schemas });
    return schemas;
  }

  return ({ id, slug, attributes }) => {
    if (attributes === undefined || attributes.length === 0) return base;
    const found = ofObject.get(attributes);
    if (found) return found;
    const schemas = compiled(id, slug, attributes);
    ofObject.set(attributes, schemas);
    return schemas;
  };
}

function extended(base: SchemaCatalogue, slug: string, attributes: readonly AccountAttribute[]): SchemaCatalogue {
  const document: SchemaDocument = {
    id: accountUrn(slug),
    name: 'AccountUser',
    description: `The attributes that the account ${slug} adds to its users`,
    attributes: attributes.map(definitionOf),
  };
  const matching = new Set(attributes.filter((each) => each.matching).map(({ name }) => name));
  const user = withExtension(base.user, document, ({ name }) => matching.has(name));
  const own = accountAttributesOf({ user });
  const searched = own.filter(({ isMatching }) => isMatching);
  return {
    ...base,
    user: {
      ...user,
      searchKeyAttributes: [...base.user.searchKeyAttributes, ...searched],
      personalData: new Map([...base.user.personalData, ...own.map(({ key }) => [key, 'personal'] as const)]),
    },
    documents: [...base.documents, document],
    resourceTypes: base.resourceTypes.map((type) =>
      type.name === 'User'
        ? { ...type, schemaExtensions: [...type.schemaExtensions, { schema: document.id, required: false }] }
        : type,
    ),
    matching: { ...base.matching, User: [...base.matching.User, ...searched] },
    personalData: {
      ...base.personalData,
      User: [...base.personalData.User, ...own.map((attribute) => ({ attribute, class: 'personal' as const }))],
    },
  };
}

/** Required data is required of active users only, which a SCIM schema has no word for. */
function definitionOf({ name, type, multiValued, required, description }: AccountAttribute): AttributeDefinition {
  const words = description ?? `${name}, an attribute of the account`;
  return {
    name,
    type,
    multiValued,
    description: required ? `${words} (required of active users)` : words,
    required: false,
    caseExact: type === 'dateTime',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
  };
}
