// UserMaintenance files of the same made-up people.

import { block } from './batch.ts';
import { bytesOf, inPieces, type Person } from './people.ts';

/** The file in bytes; `change` gives another name to every third one. Their shops must be there. */
export function peopleDocument(people: number, change = ''): AsyncIterable<Uint8Array> {
  return bytesOf(parts(people, change));
}

function* parts(people: number, change: string): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<UserMaintenance>\n';
  yield* inPieces(people, change, personBlock);
  yield '</UserMaintenance>\n';
}

function personBlock({ index, ...person }: Person, change: string): string {
  const elements = {
    UserId: `user.${index}`,
    UserName: `${person.givenName} ${person.familyName}${change}`,
    RetailLocationId: `S-${person.shop}`,
    Email: person.email,
    LanguageCode: person.language,
    CountryCode: 'BE',
    ...(person.superior === undefined ? {} : { ManagerUserId: `user.${person.superior}` }),
    ManagerFlag: String(person.isSuperior),
  };
  return `${block(elements, '<UserRole RoleCode="CustomerMaintenance" Action="Add"/>')}\n`;
}
