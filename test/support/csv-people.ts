// Files of made-up users for tests and benchmarks: realistic columns, a superior for each, shops and departments that many share.

const FIRST = ['Ann', 'Jan', 'Zoë', 'José', 'Lotte', 'Émile', 'Noor', 'Wout', 'Fleur', 'Björn'];
const LAST = ['Peeters', 'Janssens', 'Maes', 'De Smet', "D'Hondt", 'Müller', 'Van den Broeck', 'Ågren'];
const COLUMNS =
  'Uid;ExternalId;FirstName;LastName;Email;EmployeeNumber;Department;UserGroups;Language;Superior;SuperiorExternalId;Activated;Phone;JobPosition;Stores';

/** Parts of a file of this many users; `change` gives others in some columns to every third one. */
export function* peopleFile(rows: number, change = ''): Iterable<string> {
  yield `${COLUMNS}\r\n`;
  let text = '';
  for (let index = 0; index < rows; index += 1) {
    text += `${personRow(index, index % 3 === 0 ? change : '')}\r\n`;
    if (index % 1000 === 999) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

function personRow(index: number, change: string): string {
  const isSuperior = index % 50 === 7;
  const shop = index % 40;
  const department = `Department ${index % 25}${change}`;
  return [
    index % 2 === 0 ? '' : `user.${index}`,
    `E${index}`,
    FIRST[index % FIRST.length],
    `${LAST[index % LAST.length]} ${index}`,
    `person${index}@example.com`,
    `N-${index}`,
    department,
    `Team ${index % 30}{id=T-${index % 30},type=Team}`,
    index % 2 === 0 ? 'nl' : 'fr',
    String(isSuperior),
    // Above and below in the file; nobody is the own superior.
    isSuperior ? '' : `E${index - (index % 50) + 7}`,
    'true',
    `'+32 470 ${String(index % 1_000_000).padStart(6, '0')}`,
    'Seller',
    `Shop ${shop}{id=S-${shop},country=32}`,
  ].join(';');
}

/** The file in bytes. */
export async function* peopleBytes(rows: number, change = ''): AsyncIterable<Uint8Array> {
  for (const part of peopleFile(rows, change)) yield Buffer.from(part);
}
