// Attributes in words, with the name by which files and clients know them.

import { useTranslate } from 'react-admin';

/** The text of each attribute, by its name without indexes. */
const TEXTS: Readonly<Record<string, string>> = {
  userName: 'users.fields.userName',
  externalId: 'users.fields.externalId',
  name: 'attributes.name',
  'name.givenName': 'users.fields.givenName',
  'name.familyName': 'users.fields.familyName',
  emails: 'users.fields.email',
  phoneNumbers: 'users.fields.phone',
  title: 'users.fields.title',
  preferredLanguage: 'users.fields.language',
  companyId: 'users.fields.companyId',
  employeeNumber: 'users.fields.employeeNumber',
  department: 'users.fields.department',
  organizationalUnit: 'users.fields.orgUnit',
  manager: 'users.fields.manager',
  stores: 'users.fields.stores',
  userGroups: 'users.fields.groups',
  groups: 'users.fields.groups',
  roles: 'administrators.role',
  storeRefId: 'stores.refId',
  storeCountry: 'stores.country',
  'stores.country': 'stores.country',
  'stores.value': 'stores.refId',
  active: 'users.status.active',
  blocked: 'users.status.blocked',
  status: 'users.fields.status',
};

/** Whether an e-mail or a phone number is meant. */
const EITHER = 'emails';

/**
 * Makes attributes readable: `First name (name.givenName)`; those that have no word, such as custom ones, by their name alone.
 * @returns a function of the name, also of a stored key such as `mobietrain.stores`, and whether it is missing as a whole
 */
export function useAttributeWords(): (name: string, isMissing?: boolean) => string {
  const translate = useTranslate();
  return (name, isMissing = false) => {
    const plain = name
      .replace(/\[\d+\]/g, '')
      .replace(/^(?:mobietrain|enterprise)\./, '')
      .replace(/^(emails|phoneNumbers|manager)\.value$/, '$1');
    const text = TEXTS[plain];
    if (text === undefined) return name;
    const word = translate(`mt.${text}`);
    const either = isMissing && name === EITHER ? ` / ${translate('mt.users.fields.phone')}` : '';
    return `${word}${either} (${name})`;
  };
}
