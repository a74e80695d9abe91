// Made-up people for tests and benchmarks, the same in files of every format: a superior for each, shops and teams that many share.

const FIRST = ['Ann', 'Jan', 'Zoë', 'José', 'Lotte', 'Émile', 'Noor', 'Wout', 'Fleur', 'Björn'];
const LAST = ['Peeters', 'Janssens', 'Maes', 'De Smet', "D'Hondt", 'Müller', 'Van den Broeck', 'Ågren'];
const SHOPS = 40;

export interface Person {
  index: number;
  givenName: string;
  familyName: string;
  email: string;
  language: string;
  /** The ref id of the shop is `S-` and this. */
  shop: number;
  isSuperior: boolean;
  /** The index of the superior, above or below in a file; nobody is their own superior. */
  superior: number | undefined;
}

/** The ref ids of all shops. */
export const SHOP_IDS = Array.from({ length: SHOPS }, (_, shop) => `S-${shop}`);

function personAt(index: number): Person {
  const isSuperior = index % 50 === 7;
  return {
    index,
    givenName: FIRST[index % FIRST.length] ?? '',
    familyName: `${LAST[index % LAST.length]} ${index}`,
    email: `person${index}@example.com`,
    language: index % 2 === 0 ? 'nl' : 'fr',
    shop: index % SHOPS,
    isSuperior,
    superior: isSuperior ? undefined : index - (index % 50) + 7,
  };
}

/** Pieces of a file of this many people, a thousand in each; `change` is given to every third one. */
export function* inPieces(
  people: number,
  change: string,
  textOf: (person: Person, change: string) => string,
): Iterable<string> {
  let text = '';
  for (let index = 0; index < people; index += 1) {
    text += textOf(personAt(index), index % 3 === 0 ? change : '');
    if (index % 1000 === 999) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

/** A file in bytes. */
export async function* bytesOf(parts: Iterable<string>): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
