// CSV files of made-up people, with realistic columns.

import { bytesOf, inPieces, type Person } from './people.ts';

const COLUMNS =
  'Uid;ExternalId;FirstName;LastName;Email;EmployeeNumber;Department;UserGroups;Language;Superior;SuperiorExternalId;Activated;Phone;JobPosition;Stores';

/** Parts of a file of this many users; `change` gives others in some columns to every third one. */
export function* peopleFile(rows: number, change = ''): Iterable<string> {
  yield `${COLUMNS}\r\n`;
  yield* inPieces(rows, change, personRow);
}

function personRow({ index, ...person }: Person, change: string): string {
  const cells = [
    index % 2 === 0 ? '' : `user.${index}`,
    `E${index}`,
    person.givenName,
    person.familyName,
    person.email,
    `N-${index}`,
    `Department ${index % 25}${change}`,
    `Team ${index % 30}{id=T-${index % 30},type=Team}`,
    person.language,
    String(person.isSuperior),
    person.superior === undefined ? '' : `E${person.superior}`,
    'true',
    `'+32 470 ${String(index % 1_000_000).padStart(6, '0')}`,
    'Seller',
    `Shop ${person.shop}{id=S-${person.shop},country=32}`,
  ];
  return `${cells.join(';')}\r\n`;
}

/** The file in bytes. */
export function peopleBytes(rows: number, change = ''): AsyncIterable<Uint8Array> {
  return bytesOf(peopleFile(rows, change));
}
