// The attribute mappings that the set-up page offers: for Entra ID as JSON in the form of its schema editor (the synchronizationSchema of
// Microsoft Graph), for Okta as the rows of its profile editor. Both come from assets/client-mappings.json and the schemas of the server.

import { accountAttributesOf } from '../../directory/schema/account-attributes.ts';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { callingCodeOf } from '../../directory/schema/formats.ts';
import type { Attribute, ResourceSchema } from '../../directory/schema/schema.ts';

/** A row of assets/client-mappings.json: the attribute by path, the expression of Entra ID, the variable name in Okta. */
export interface ClientMapping {
  attribute: string;
  entra: string | null;
  okta: string | null;
}

/** An attribute of users that a mapping leaves out, with the reason. */
interface LeftOut {
  attribute: string;
  why: string;
}

/** The whole file. */
export interface ClientMappings extends Readonly<Record<'User' | 'Group', readonly ClientMapping[]>> {
  leftOut: Readonly<Record<'entra' | 'okta' | 'both', readonly LeftOut[]>>;
}

/** The attribute by which Entra ID finds a user, and the one from which `externalId` comes. */
export interface EntraChoice {
  matching: 'userName' | 'externalId';
  externalId: 'objectId' | 'employeeId';
}

/** The attribute with its whole name, as clients name it. */
export function fullName(attribute: string, { extensions }: Pick<ResourceSchema, 'extensions'>): string {
  const [prefix = '', ...rest] = attribute.split('.');
  const urn = urnOf(prefix, extensions);
  return urn === undefined ? attribute : `${urn}:${rest.join('.')}`;
}

function urnOf(prefix: string, extensions: ResourceSchema['extensions']): string | undefined {
  return extensions.find(({ key }) => key === prefix)?.urn;
}

/** The rows of an account: those of all accounts, and its custom attributes, which have no expression that everybody uses. */
export function mappingsOf(mappings: ClientMappings, catalogue: SchemaCatalogue): ClientMappings {
  const own = accountAttributesOf(catalogue).map(({ name, key }) => ({
    attribute: key,
    entra: null,
    okta: `mobietrain${name[0]?.toUpperCase()}${name.slice(1)}`,
  }));
  return own.length > 0 ? { ...mappings, User: [...mappings.User, ...own] } : mappings;
}

/** Stands for the expression that makes a calling code of the two letters of a country. */
const CALLING_CODE = 'CALLING_CODE';
/** Countries with shops of MobieTrain's customers come first; Entra ID bounds the length of an expression. */
const COUNTRIES = 'BE NL LU FR DE AT CH GB IE ES PT IT DK SE NO FI PL CZ SK HU RO BG GR HR SI EE LV LT TR US CA'.split(
  ' ',
);

/** The expression of a row. */
export function entraExpression({ entra }: ClientMapping): string | undefined {
  if (entra === null) return undefined;
  if (entra !== CALLING_CODE) return entra;
  const pairs = COUNTRIES.map((country) => `"${country}", "${callingCodeOf(country)}"`);
  return `Switch([usageLocation], "", ${pairs.join(', ')})`;
}

interface Source {
  expression: string;
  name: string;
  type: 'Attribute' | 'Constant' | 'Function';
  parameters: { key: string; value: Source }[];
}

const SWITCH_KEYS = ['source', 'defaultValue'];

/** An expression as Entra ID stores it: with its parts. It reads `[attribute]`, `"text"`, nothing, and a function of these. */
export function sourceOf(expression: string): Source {
  const text = expression.trim();
  const called = /^(\w+)\((.*)\)$/s.exec(text);
  if (called) {
    const [, name = '', inner = ''] = called;
    const parameters = argumentsOf(inner).map((argument, index) => ({
      key: keyOf(name, index),
      value: sourceOf(argument),
    }));
    return { expression: text, name, type: 'Function', parameters };
  }
  const attribute = /^\[(\w+)\]$/.exec(text);
  if (attribute) return { expression: text, name: attribute[1] ?? '', type: 'Attribute', parameters: [] };
  const constant = text === '' ? '' : text.slice(1, -1);
  return { expression: text === '' ? '""' : text, name: constant, type: 'Constant', parameters: [] };
}

/** The parts of `a, "b, c", d` between commas outside of quotes. */
function argumentsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|,)((?:[^,"]|"[^"]*")*)/g)].map(([, argument = '']) => argument.trim());
}

function keyOf(name: string, index: number): string {
  if (name !== 'Switch') return index === 0 ? 'source' : `parameter${index}`;
  const pair = Math.floor((index - SWITCH_KEYS.length) / 2) + 1;
  return SWITCH_KEYS[index] ?? `${index % 2 === 0 ? 'key' : 'value'}${pair}`;
}

const TARGET = 'customappsso';
/** The names that Entra ID has for the objects of a non-gallery application. */
const OBJECTS = {
  User: { source: 'User', target: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', name: 'Users' },
  Group: {
    source: 'Group',
    target: 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
    name: 'Groups',
  },
} as const;

/** The mapping as JSON for the schema editor of Entra ID. Users are found by the attribute that was chosen, groups by their name. */
export function entraSchema(mappings: ClientMappings, catalogue: SchemaCatalogue, choice: EntraChoice) {
  const types = ['User', 'Group'] as const;
  return {
    directories: [
      {
        name: TARGET,
        objects: types.map((type) => ({
          name: OBJECTS[type].target,
          attributes: mappings[type].map(({ attribute }) => definitionOf(attribute, schemaOf(catalogue, type))),
        })),
      },
    ],
    synchronizationRules: [
      {
        editable: true,
        name: 'USER_OUTBOUND_USER',
        priority: 1,
        sourceDirectoryName: 'Azure Active Directory',
        targetDirectoryName: TARGET,
        objectMappings: types.map((type) => ({
          enabled: true,
          flowTypes: 'Add, Update, Delete',
          name: `Provision Microsoft Entra ID ${OBJECTS[type].name}`,
          sourceObjectName: OBJECTS[type].source,
          targetObjectName: OBJECTS[type].target,
          attributeMappings: mappings[type].flatMap((mapping) => {
            const isExternalId = type === 'User' && mapping.attribute === 'externalId';
            const expression = isExternalId ? `[${choice.externalId}]` : entraExpression(mapping);
            const isMatching = mapping.attribute === (type === 'User' ? choice.matching : 'displayName');
            const name = fullName(mapping.attribute, schemaOf(catalogue, type));
            return expression === undefined ? [] : [attributeMapping(name, expression, isMatching)];
          }),
        })),
      },
    ],
  };
}

function attributeMapping(name: string, expression: string, isMatching: boolean) {
  return {
    defaultValue: null,
    exportMissingReferences: false,
    flowBehavior: 'FlowWhenChanged',
    flowType: 'Always',
    matchingPriority: isMatching ? 1 : 0,
    source: sourceOf(expression),
    targetAttributeName: name,
  };
}

const REFERENCES: Readonly<Record<string, string>> = { 'enterprise.manager': 'User', members: 'User' };

function definitionOf(path: string, schema: ResourceSchema) {
  const attribute = attributeAt(path, schema);
  const refersTo = REFERENCES[path];
  return {
    anchor: false,
    caseExact: attribute?.caseExact ?? false,
    multivalued: path === 'members' || (attribute?.multiValued ?? false),
    mutability: 'ReadWrite',
    name: fullName(path, schema),
    required: attribute?.required ?? false,
    type: refersTo === undefined ? typeOf(attribute) : 'Reference',
    referencedObjects:
      refersTo === undefined ? [] : [{ referencedObjectName: OBJECTS.User.target, referencedProperty: null }],
  };
}

const TYPES: Readonly<Partial<Record<Attribute['type'], 'Boolean' | 'Integer' | 'DateTime'>>> = {
  boolean: 'Boolean',
  integer: 'Integer',
  dateTime: 'DateTime',
};

/** The type in Entra ID, which has none for decimals: those are sent as text. */
function typeOf(attribute: Attribute | undefined): 'Boolean' | 'Integer' | 'DateTime' | 'String' {
  return TYPES[attribute?.type ?? 'string'] ?? 'String';
}

function schemaOf(catalogue: SchemaCatalogue, type: 'User' | 'Group'): ResourceSchema {
  return type === 'User' ? catalogue.user : catalogue.group;
}

/** The attribute of a path, without its filter. */
export function attributeAt(path: string, schema: ResourceSchema): Attribute | undefined {
  return schema.byKey.get(path.replace(/\[[^\]]*\]/, ''));
}

/** A row of the profile editor of Okta. */
export interface OktaRow {
  displayName: string;
  variableName: string;
  externalName: string;
  externalNamespace: string;
  dataType: 'string' | 'string array';
}

/** The attributes to add in the profile editor of Okta; those that its template has already are left out. */
export function oktaRows(mappings: ClientMappings, { user }: SchemaCatalogue): OktaRow[] {
  return mappings.User.flatMap(({ attribute, okta }) => {
    if (okta === null) return [];
    const [prefix = '', ...rest] = attribute.split('.');
    const externalName = rest.join('.');
    return [
      {
        displayName: `MobieTrain ${externalName.replace(/[A-Z]/g, ' $&').toLowerCase()}`,
        variableName: okta,
        externalName,
        externalNamespace: urnOf(prefix, user.extensions) ?? '',
        dataType: attributeAt(attribute, user)?.multiValued ? ('string array' as const) : ('string' as const),
      },
    ];
  });
}
