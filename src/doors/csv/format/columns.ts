// The table of columns: the names that the user management document prescribes, the attribute of each, the maximum width in a file,
// and how a cell is written. Import, export, template, faults and docs/csv.md use it.

import type { UserView } from '../../../directory/model.ts';
import { isSuperior } from '../../../directory/reference-data/references.ts';
import { ACCOUNT_KEY, type AccountAttribute } from '../../../directory/schema/account-attributes.ts';
import { elementsAt, nameOfKey, primaryElement, textAt, valueAt } from '../../../directory/schema/attributes.ts';
import { isObject } from '../../../directory/schema/fold.ts';
import type { Attributes } from '../../../directory/schema/schema.ts';
import { customTexts } from '../../../directory/schema/simple-values.ts';
import { FORM_LENGTH_MAX } from '../../../directory/users/form.ts';
import { entryOf, plainEntries, writeEntries } from './cells.ts';

/** How a cell is read. `ignored` columns are allowed and have no effect. */
type Syntax =
  | 'text'
  | 'userName'
  | 'externalId'
  | 'email'
  | 'phone'
  | 'language'
  | 'country'
  | 'date'
  | 'invite'
  | 'active'
  | 'superior'
  | 'superiorOf'
  | 'orgUnit'
  | 'enrollmentProfiles'
  | 'organizations'
  | 'roles'
  | 'userGroups'
  | 'stores'
  | 'storeCountry'
  | 'own'
  | 'readOnly'
  | 'ignored';

export interface Column {
  name: string;
  /** `Attribute.key` of the attribute that the column writes; '' if it writes none. */
  key: string;
  syntax: Syntax;
  /** The most characters in a cell that differs from the stored value. */
  max?: number;
  /** The column can't be left out of a file. */
  mandatory?: true;
  /** The cell has entries with `|` between them. */
  isList?: true;
  /** The description in the documentation. */
  words: string;
  /** What a column of a custom attribute of the account holds. */
  own?: CustomColumn;
}

/** A custom attribute of an account as a file needs it. */
export type CustomColumn = Pick<AccountAttribute, 'name' | 'type' | 'multiValued'>;

const DEFINITIONS: readonly Omit<Column, 'max'>[] = [
  {
    name: 'Uid',
    key: 'userName',
    syntax: 'userName',
    words:
      'Login name, unique. Made from first and last name (`ann.peeters`, `ann.peeters2`, …) for a new user without one. Changed only if the account allows it',
  },
  {
    name: 'ExternalId',
    key: 'externalId',
    syntax: 'externalId',
    words: 'Identifies the user, unique. If the cell is empty, the e-mail is used; an empty cell clears nothing',
  },
  { name: 'FirstName', key: 'name.givenName', syntax: 'text', mandatory: true, words: 'First name' },
  { name: 'LastName', key: 'name.familyName', syntax: 'text', mandatory: true, words: 'Last name' },
  {
    name: 'Email',
    key: 'emails',
    syntax: 'email',
    words:
      'One e-mail address; the only special characters allowed are `_ - . @`. The primary one if the user has several',
  },
  { name: 'Title', key: 'name.honorificPrefix', syntax: 'text', words: 'Form of address, such as Dr.' },
  { name: 'MiddleName', key: 'name.middleName', syntax: 'text', words: 'Middle name' },
  {
    name: 'OrganizationalUnit',
    key: 'mobietrain.organizationalUnit',
    syntax: 'orgUnit',
    words: 'Path of an org unit that exists, such as `Retail/Benelux`',
  },
  {
    name: 'EmployeeNumber',
    key: 'enterprise.employeeNumber',
    syntax: 'text',
    words: 'Employee number',
  },
  {
    name: 'OrganizationalRole',
    key: 'mobietrain.organizationalRole',
    syntax: 'text',
    words: 'Organizational role',
  },
  { name: 'Organization', key: 'enterprise.organization', syntax: 'text', words: 'Organization' },
  { name: 'Division', key: 'enterprise.division', syntax: 'text', words: 'Division' },
  { name: 'Department', key: 'enterprise.department', syntax: 'text', words: 'Department' },
  { name: 'CostCenter', key: 'enterprise.costCenter', syntax: 'text', words: 'Cost center' },
  {
    name: 'UserGroups',
    key: 'mobietrain.userGroups',
    syntax: 'userGroups',
    isList: true,
    words:
      'User groups, `|` between them: `Sales|Night shift{id=G-7,type=Department}`. A group given only by name must exist; one with ID and type is created if it does not',
  },
  { name: 'CustomField01', key: 'mobietrain.customField01', syntax: 'text', words: 'Any text' },
  { name: 'CustomField02', key: 'mobietrain.customField02', syntax: 'text', words: 'Any text' },
  { name: 'CustomField03', key: 'mobietrain.customField03', syntax: 'text', words: 'Any text' },
  {
    name: 'Language',
    key: 'preferredLanguage',
    syntax: 'language',
    words: 'ISO 639 language code, such as `nl` or `fr-BE`; `nld` is stored as `nl`',
  },
  {
    name: 'Superior',
    key: 'roles',
    syntax: 'superior',
    words: '`true` grants the role Superior, `false` removes it; empty means `false`',
  },
  {
    name: 'SuperiorExternalId',
    key: 'enterprise.manager',
    syntax: 'superiorOf',
    words:
      'ExternalId of the superior, who needs the role Superior; may be anywhere in the same file. Checked after the last row',
  },
  {
    name: 'Roles',
    key: 'roles',
    syntax: 'roles',
    isList: true,
    words: 'Roles, `|` between them. Kept as sent; they grant nothing by themselves',
  },
  {
    name: 'Activated',
    key: 'active',
    syntax: 'active',
    words: '`true` or `false`; empty changes nothing; a new user is active',
  },
  {
    name: 'EnrollmentProfiles',
    key: 'mobietrain.enrollmentProfiles',
    syntax: 'enrollmentProfiles',
    isList: true,
    words: 'Codes of enrollment profiles that exist, `|` between them',
  },
  {
    name: 'PrivacyPolicy',
    key: '',
    syntax: 'readOnly',
    words: 'Whether the user confirmed the privacy policy, `true` or `false`; read-only',
  },
  {
    name: 'EndDate',
    key: 'mobietrain.endDate',
    syntax: 'date',
    words:
      'From this day on, the user is deactivated (or deleted, depending on the account): `2026-12-31` or `31/12/2026`',
  },
  { name: 'CompanyId', key: 'mobietrain.companyId', syntax: 'text', words: 'User or company ID, shown' },
  {
    name: 'Phone',
    key: 'phoneNumbers',
    syntax: 'phone',
    words: 'Phone number with its country code: `+32 470 123 456`. The primary one if the user has several',
  },
  { name: 'JobPosition', key: 'title', syntax: 'text', words: 'Job position' },
  {
    name: 'Stores',
    key: 'mobietrain.stores',
    syntax: 'stores',
    isList: true,
    words:
      'Stores, `|` between them: `Gent Veldstraat{id=4711,country=32,primary}` (ref id, calling code). A store given only by name or ref id must exist (`4711` is enough); one with all three is created if it does not',
  },
  {
    name: 'StoreCountry',
    key: 'mobietrain.storeCountry',
    syntax: 'storeCountry',
    words: 'Calling code of the country, for a user without a store',
  },
  {
    name: 'Country',
    key: 'mobietrain.country',
    syntax: 'country',
    words: 'ISO 3166-1 country code, such as `BE`; `BEL` is stored as `BE`',
  },
  {
    name: 'Organizations',
    key: 'mobietrain.organizations',
    syntax: 'organizations',
    isList: true,
    words: 'Names of organizations that exist, `|` between them',
  },
  {
    name: 'Invite',
    key: '',
    syntax: 'invite',
    words:
      '`true` invites a new user by mail and confirms the user agreement: the row then needs an e-mail and a user group. Empty: as the account is set. No effect on users who are there',
  },
  { name: 'Password', key: '', syntax: 'ignored', words: 'Allowed but not read: users set their own' },
  { name: 'ImportErrors', key: '', syntax: 'ignored', words: 'Reasons in a file of failed rows; not read' },
];

/** Every column, in the order of an export, with the limit of the form for its attribute. */
export const COLUMNS: readonly Column[] = DEFINITIONS.map((column) => {
  const max = FORM_LENGTH_MAX.get(column.key);
  return max === undefined ? column : { ...column, max };
});

/** The columns of an export and of the template: all that an import reads. */
export const EXPORTED: readonly Column[] = COLUMNS.filter((column) => column.syntax !== 'ignored');

/** What makes no difference in a heading: blanks, invisible characters, hyphens and underscores, the asterisk of mandatory fields. */
const IGNORED_IN_HEADING = /[\s\p{Z}\p{Cc}\p{Cf}_*\p{Pd}]/gu;

function headingKey(heading: string): string {
  return heading.normalize('NFKC').replace(IGNORED_IN_HEADING, '').toLowerCase();
}

const BY_NAME: ReadonlyMap<string, Column> = new Map(COLUMNS.map((column) => [headingKey(column.name), column]));

/** The column of a heading, in any case, with or without blanks: `External ID` is `ExternalId`. @param own those of custom attributes */
export function columnNamed(heading: string, own: readonly Column[] = []): Column | undefined {
  const key = headingKey(heading);
  return BY_NAME.get(key) ?? own.find(({ name }) => headingKey(name) === key);
}

/** The columns of the custom attributes of an account. */
export function customColumns(attributes: readonly CustomColumn[] = []): Column[] {
  return attributes.map(({ name, type, multiValued }) => ({
    name,
    key: `${ACCOUNT_KEY}.${name}`,
    syntax: 'own',
    ...(multiValued ? { isList: true as const } : {}),
    words: '',
    own: { name, type, multiValued },
  }));
}

/** The column that a fault's path belongs to; undefined if there is none. */
export function columnOfPath(path: string): Column | undefined {
  const steps = path.split(/[.[]/);
  const [first = ''] = steps;
  if (/^stores?($|[A-Z])/.test(first) && first !== 'storeCountry') return columnNamed('Stores');
  if (first.startsWith('userGroup')) return columnNamed('UserGroups');
  const fitting = COLUMNS.filter(({ key }) => {
    const name = nameOfKey(key);
    return name !== '' && (name === first || name === `${first}.${steps[1] ?? ''}`);
  });
  // Two columns write roles; a fault of a role is one of the list.
  return fitting.find(({ syntax }) => syntax === 'roles') ?? fitting[0];
}

/** Texts of a list such as `enrollmentProfiles`. */
export function textsAt(attributes: Attributes, key: string): string[] {
  const value = valueAt(attributes, key);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/**
 * The text of a user's cell, before formulas are neutralised; '' if there is no value.
 * `superiorOf` gives the stored value unchanged; an export replaces it with the superior's External ID.
 */
export function readColumn(
  { key, syntax, own }: Column,
  view: Pick<UserView, 'attributes' | 'externalIdFrom' | 'privacyPolicyConfirmed' | 'invitation'>,
): string {
  const { attributes } = view;
  switch (syntax) {
    case 'email':
      return textOf(primaryElement(attributes, 'emails')?.value);
    case 'phone':
      return textOf(primaryElement(attributes, 'phoneNumbers')?.value);
    case 'externalId':
      // An address that serves as External ID is not one that the customer delivered: the e-mail of the row serves again.
      return view.externalIdFrom === 'emails' ? '' : (textAt(attributes, key) ?? '');
    case 'superior':
      return String(isSuperior(view));
    case 'active':
      return String(attributes.active !== false);
    case 'roles':
      return writeEntries(plainEntries(elementsAt(attributes, 'roles').map((role) => textOf(role.value))));
    case 'enrollmentProfiles':
    case 'organizations':
      return writeEntries(plainEntries(textsAt(attributes, key)));
    case 'userGroups':
      return writeEntries(elementsAt(attributes, key).map((element) => entryOf(element, 'type')));
    case 'stores':
      return writeEntries(elementsAt(attributes, key).map((element) => entryOf(element, 'country')));
    case 'storeCountry':
      return elementsAt(attributes, 'mobietrain.stores').length > 0 ? '' : (textAt(attributes, key) ?? '');
    case 'superiorOf': {
      const manager = valueAt(attributes, key);
      return isObject(manager) ? textOf(manager.value) : '';
    }
    case 'own': {
      const texts = customTexts(valueAt(attributes, key));
      return own?.multiValued ? writeEntries(plainEntries(texts)) : (texts[0] ?? '');
    }
    case 'readOnly':
      return String(view.privacyPolicyConfirmed !== undefined);
    case 'invite':
      return view.invitation ? 'true' : '';
    case 'ignored':
      return '';
    default:
      return textAt(attributes, key) ?? '';
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The table for the documentation, as Markdown. */
export function describeColumns(): string {
  const rows = COLUMNS.map(({ name, mandatory, max, words }) => {
    return `| \`${name}\` | ${mandatory ? 'yes' : ''} | ${max ?? ''} | ${words.replaceAll('|', '\\|')} |`;
  });
  return ['| column | mandatory | characters | what it holds |', '|---|---|---|---|', ...rows].join('\n');
}
