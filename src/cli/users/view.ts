// How users are shown.

import type { UserView } from '../../directory/model.ts';
import { primaryElement, textAt } from '../../directory/schema/attributes.ts';
import type { Shown } from '../frame/output.ts';

/** Users with their identifiers, names and status. */
export const USERS: Shown<UserView> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'LOGIN NAME', of: ({ attributes }) => textAt(attributes, 'userName'), shrinks: true },
    { title: 'FIRST NAME', of: ({ attributes }) => textAt(attributes, 'name.givenName'), shrinks: true },
    { title: 'LAST NAME', of: ({ attributes }) => textAt(attributes, 'name.familyName'), shrinks: true },
    { title: 'EXTERNAL ID', of: ({ attributes }) => textAt(attributes, 'externalId'), shrinks: true },
    { title: 'E-MAIL', of: ({ attributes }) => emailOf(attributes), shrinks: true },
    { title: 'STATUS', of: ({ attributes }) => textAt(attributes, 'mobietrain.status') },
  ],
};

function emailOf(attributes: UserView['attributes']): string | undefined {
  const email = primaryElement(attributes, 'emails')?.value;
  return typeof email === 'string' ? email : undefined;
}

/** A user in a sentence: the login name and the id. */
export function nameOf({ id, attributes }: UserView): string {
  const userName = textAt(attributes, 'userName');
  return userName === undefined ? id : `${userName} (${id})`;
}
