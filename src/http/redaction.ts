// Redacts recorded requests by lists of what is kept. Of a path: known names and ids. Of a query: known parameters, filters without
// their literals. Of a body: known attributes; personal values are stored apart from it, with a hash each, so that erasure finds them.
// Everything else is `…`: a secret under a name that nobody thought of is not stored.

import type { EventValue, RecordedFault } from '../directory/event.ts';
import type { IdentityHash } from '../directory/identity-hash.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { BodyWriter } from './redaction/body.ts';
import { HIDDEN, isId, isLikeToken } from './redaction/kept-text.ts';
import { createVocabulary, decodedText, type Vocabulary } from './redaction/vocabulary.ts';

/** Redacts the parts of a request before they are stored. */
export interface Redactor {
  /** The bodies of one request, with the values that they share. */
  bodies(): RedactedBodies;
  /** A path with its query, at most 2,000 characters. */
  url(url: string): string;
  /** A sentence of this server, at most 2,000 characters: quoted texts of clients are hidden. */
  sentence(text: string): string;
  /** The products of a User-Agent header, at most 255 characters. */
  userAgent(text: string): string;
  /** An id as a client sent it: hidden unless it can be an id. */
  id(text: string): string;
  /** An id by which the subject of an event is found: the hash of a text that cannot be an id, such as a login name in its place. */
  subject(text: string): string;
}

/** Redacts the bodies of one request. */
interface RedactedBodies {
  /** The redacted JSON text of a body, at most 16 KB; a longer text is cut and ends with `…`. */
  write(body: unknown): string;
  /** A sentence of this server about the bodies so far, at most 2,000 characters, with references to the values of theirs that it quotes. */
  sentence(text: string): Pick<RecordedFault, 'detail' | 'quoted'>;
  /** The personal values of the bodies so far. */
  readonly values: EventValue[];
  /** The hashes of the identities of whom the bodies are about, at most 50. */
  readonly identities: string[];
}

const TEXT_CHARS_MAX = 2_000;
const AGENT_CHARS_MAX = 255;
const PARAMETERS_MAX = 50;
/** A product of a User-Agent: a name without digits, and a version. @see RFC 9110 §10.1.5 */
const PRODUCT = /^[A-Za-z][A-Za-z._-]{0,40}(?:\/[0-9][0-9A-Za-z._-]{0,15})?$/;

/** Creates a redactor for requests over these schemas. */
export function createRedactor(
  catalogue: Pick<SchemaCatalogue, 'user' | 'group' | 'store' | 'orgUnit' | 'personalData'>,
  identityHash: IdentityHash,
): Redactor {
  const vocabulary = createVocabulary(catalogue);
  return {
    bodies() {
      const writer = new BodyWriter(vocabulary, identityHash);
      return {
        write: (body) => writer.write(body),
        sentence: (text) => writer.sentence(cut(text)),
        values: writer.values,
        get identities() {
          return [...writer.identities];
        },
      };
    },
    url: (url) => addressOf(vocabulary, url),
    sentence: (text) => vocabulary.sentence(cut(text)).text,
    userAgent(text) {
      const products = text.slice(0, AGENT_CHARS_MAX).split(' ');
      return products.filter((part) => PRODUCT.test(part) && !isLikeToken(part)).join(' ');
    },
    id: (text) => (isId(text) ? text : HIDDEN),
    subject: (text) => (isId(text) ? text : identityHash(text)),
  };
}

function cut(text: string): string {
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}…` : text;
}

function addressOf(vocabulary: Vocabulary, url: string): string {
  const [path = '', query] = cut(url).split(/\?(.*)/s);
  const kept = vocabulary.address(path);
  if (query === undefined) return kept;
  const pairs = query.split('&', PARAMETERS_MAX).map((pair) => {
    const [name = '', value] = pair.split(/=(.*)/s);
    const parameter = vocabulary.parameter(decodedText(name));
    if (parameter === undefined) return value === undefined ? HIDDEN : `${HIDDEN}=${HIDDEN}`;
    return value === undefined ? name : `${name}=${parameter(decodedText(value.replaceAll('+', ' ')))}`;
  });
  return cut(`${kept}?${pairs.join('&')}`);
}
