// The words that are kept in recorded requests: names of attributes, operators, parameters, segments of paths. The treatment of an
// attribute's value comes from scim-schemas/personal-data.json.

import { isAccountUrn } from '../../directory/schema/account-attributes.ts';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import type { Attribute, PersonalDataClass } from '../../directory/schema/schema.ts';
import { HIDDEN, isId, isLikeToken } from './kept-text.ts';

/**
 * How the value of a key is stored: as it is, apart from the body, masked, not at all, as a filter or path, as a sentence, as an id, or
 * only if it is a known schema or a word without digits.
 */
type Treatment = 'kept' | PersonalDataClass | 'hidden' | 'expression' | 'sentence' | 'address' | 'schemas' | 'word';

/** A key of a body: its name in lower case, without the schema, and how its value is stored. */
export interface TreatedKey {
  name: string;
  treatment: Treatment;
}

/** The words of these schemas. */
export interface Vocabulary {
  /** The key of an object, below the key `parent` whose treatment is `inherited`. */
  key(key: string, parent: TreatedKey): TreatedKey;
  /** The attribute that the path of a PATCH operation begins with. */
  pathTarget(path: string): TreatedKey;
  /** A filter or a path without literals and unknown words. */
  expression(text: string): string;
  /** A path without what is neither a known name nor an id. */
  address(path: string): string;
  /** A sentence without quoted texts that are not of this vocabulary. */
  sentence(text: string): RedactedSentence;
  isSchema(text: string): boolean;
  /** How the value of a query parameter is stored; undefined if the parameter is unknown. */
  parameter(name: string): ((value: string) => string) | undefined;
}

/** A redacted sentence, and the texts of which it has `"…"`, in order. They are not stored unless a body of the request has them. */
interface RedactedSentence {
  text: string;
  quoted: string[];
}

/** The place of keys that are below no attribute. */
export const ROOT: TreatedKey = { name: '', treatment: 'kept' };
const UNKNOWN: TreatedKey = { name: '', treatment: 'hidden' };
/** Own attributes of accounts: nobody knows here what they hold. */
const OWN: TreatedKey = { name: 'own', treatment: 'personal' };
const KEY_CHARS_MAX = 200;
/** Found keys are remembered up to this number, since the same ones come with every request. */
const KEYS_MAX = 2_000;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Keys of messages and of the admin API whose values are no personal data. */
const KEPT_KEYS =
  'schemas id meta resourcetype created lastmodified version op operations method data status scimtype response totalresults itemsperpage startindex failonerrors resources faults rows value primary type role disabled blocked account orgunit refid groups stores usergroups members add remove requireddata userlimit timezone importtime enddatepolicy derivedgroups attribute grouptype loginnameseditable kind expiresindays expires lastused revoked counts total items missing hasexternalid language simulate connection user slug title modified adminname country';
/** Keys whose values are texts about people, or may be: they are stored apart from the body. */
const PERSONAL_KEYS = 'email mailto search manager bulkid name display identity description customattributes';
const WORD_KEYS = 'code state';
const EXPRESSION_KEYS = 'path filter sortby attributes excludedattributes';
const SENTENCE_KEYS = 'detail reason words';
const ADDRESS_KEYS = 'location $ref';

const OPERATORS = new Set('eq ne co sw ew gt ge lt le pr and or not true false null ascending descending'.split(' '));
const SEGMENTS = new Set(
  'Users Groups Stores OrgUnits Bulk Me Schemas ResourceTypes ServiceProviderConfig .search User Group Store OrgUnit accounts users groups stores org-units roles organizations enrollment-profiles administrators connections credentials attributes events history audit imports exports session sessions tokens password oidc callback erasures erase activate deactivate block unblock members clients oidc auth login external interaction forgot register reset token userinfo jwks .well-known openid-configuration end confirm success revocation app crewplanner courses badge learners me link-secrets invitations batch resend counts csv xml result.csv rows import cancel template template.csv users.csv search export scim v2 api v1'.split(
    ' ',
  ),
);
/** Parameters whose values are numbers, flags or words of this vocabulary. */
const PLAIN_PARAMETERS = new Set(
  'count startindex limit offset sortorder simulate door failed reads outcome faulty part type status kind'.split(' '),
);
const EXPRESSION_PARAMETERS = new Set(['filter', 'sortby', 'attributes', 'excludedattributes', 'missing']);
const HIDDEN_PARAMETERS = new Set(['cursor', 'search', 'filename', 'fileset', 'mailto', 'store', 'group', 'orgunit']);

/** A string literal, which may not be finished, a word, or a single character. */
const EXPRESSION_TOKEN = /"(?:[^"\\]|\\.)*(?:"|$)|[\p{L}\p{N}_$:.@+-]+|[\s()[\],]+|./gsu;
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|$)/gs;
/** The place of a quoted text that was hidden. */
const MARK = /"\0(\d+)\0"/g;
const PLAIN_VALUE = /^(?:[a-z][A-Za-z]{0,20}|[0-9]{1,9})$/;

/** Makes the vocabulary of these schemas. */
export function createVocabulary({
  user,
  group,
  store,
  orgUnit,
  personalData,
}: Pick<SchemaCatalogue, 'user' | 'group' | 'store' | 'orgUnit' | 'personalData'>): Vocabulary {
  const schemas = [user, group, store, orgUnit].flatMap(({ core, extensions }) => [core, ...extensions]);
  const urns = new Set(schemas.map(({ urn }) => urn.toLowerCase()));
  const attributes = [user, group].flatMap(({ byKey }) => [...byKey.values()]);
  const treatments = treatmentsOf(attributes, [...personalData.Group, ...personalData.User]);
  // Of stores and org units only the names: by them as keys of a body, other doors send what must not be kept, such as a code of a sign-in.
  const others = [store, orgUnit].flatMap(({ byKey }) => [...byKey.values()]);
  const names = new Set([...attributes, ...others].map(({ name }) => name.toLowerCase()));

  /** A name without its schema, in lower case; '' for a schema itself. */
  function nameOf(key: string): string {
    const lower = key.toLowerCase();
    if (!lower.includes(':')) return lower;
    if (urns.has(lower)) return '';
    for (const urn of urns) if (lower.startsWith(`${urn}:`)) return lower.slice(urn.length + 1);
    return lower.slice(lower.lastIndexOf(':') + 1);
  }

  function isWord(text: string): boolean {
    const lower = text.toLowerCase();
    if (OPERATORS.has(lower) || urns.has(lower) || isAccountUrn(text) || isId(text)) return true;
    const name = nameOf(text);
    return name !== '' && name.split('.').every((part) => names.has(part));
  }

  function expression(text: string): string {
    const kept = text.replace(EXPRESSION_TOKEN, (token) => {
      if (token.startsWith('"')) return isId(token.slice(1, -1)) ? token : `"${HIDDEN}"`;
      return /^[\s()[\],]/.test(token) || isWord(token) ? token : HIDDEN;
    });
    return kept.replace(/…{2,}/g, HIDDEN);
  }

  const keyOf = createKeys(treatments, nameOf);
  return {
    key: keyOf,
    pathTarget: (path) => keyOf(path.trim(), ROOT),
    expression,
    address: (path) => addressWithout(path, urns),
    sentence: (text) => sentenceWithout(text, isWord),
    isSchema: (text) =>
      urns.has(text.toLowerCase()) || isAccountUrn(text) || text.startsWith('urn:ietf:params:scim:api:messages:2.0:'),
    parameter: (name) => parameterTreatment(name.toLowerCase(), expression),
  };
}

/** Finds the treatments of keys; `nameOf` returns a key without its schema. */
function createKeys(
  treatments: ReadonlyMap<string, Treatment>,
  nameOf: (key: string) => string,
): (key: string, parent: TreatedKey) => TreatedKey {
  const keys = new Map<string, TreatedKey>();

  function newKey(key: string, parent: TreatedKey): TreatedKey {
    if (isAccountUrn(key)) return OWN;
    const whole = nameOf(key);
    if (whole === '') return key.includes(':') ? ROOT : UNKNOWN;
    const [name = ''] = whole.split(/[.[]/, 1);
    const below = treatments.get(`${parent.name}.${name}`);
    if (below !== undefined) return { name, treatment: below };
    if (parent.treatment === 'personal' || parent.treatment === 'masked' || parent.treatment === 'secret')
      return { name: parent.name === '' ? name : parent.name, treatment: parent.treatment };
    return { name, treatment: treatments.get(name) ?? 'hidden' };
  }

  return (key, parent) => {
    if (key.length > KEY_CHARS_MAX) return UNKNOWN;
    const place = `${parent.treatment} ${parent.name} ${key}`;
    const known = keys.get(place);
    if (known) return known;
    const found = newKey(key, parent);
    if (keys.size < KEYS_MAX) keys.set(place, found);
    return found;
  };
}

function addressWithout(path: string, urns: ReadonlySet<string>): string {
  const segments = path.split('/');
  return segments
    .map((segment, index) => (isKeptSegment(segment, segments[index - 1], urns) ? segment : HIDDEN))
    .join('/');
}

function isKeptSegment(segment: string, before: string | undefined, urns: ReadonlySet<string>): boolean {
  const text = decodedText(segment);
  if (segment === '' || SEGMENTS.has(text) || urns.has(text.toLowerCase()) || isId(text)) return true;
  return before === 'accounts' && SLUG.test(text) && !isLikeToken(text);
}

function parameterTreatment(name: string, expression: (text: string) => string): ReturnType<Vocabulary['parameter']> {
  if (EXPRESSION_PARAMETERS.has(name)) return expression;
  if (PLAIN_PARAMETERS.has(name)) return (value) => (PLAIN_VALUE.test(value) ? value : HIDDEN);
  return HIDDEN_PARAMETERS.has(name) ? () => HIDDEN : undefined;
}

/** How the values of all known keys are stored. */
function treatmentsOf(
  attributes: readonly Attribute[],
  personalData: readonly { attribute: Attribute; class: PersonalDataClass }[],
): Map<string, Treatment> {
  const treatments = new Map<string, Treatment>();
  for (const attribute of attributes) {
    // Of a personal attribute, only what is one of a few words is not personal data.
    const isPlain = attribute.type === 'boolean' || attribute.name === 'type';
    if (!attribute.parent || isPlain) treatments.set(treatmentKey(attribute), 'kept');
  }
  for (const { attribute, class: wanted } of personalData) treatments.set(treatmentKey(attribute), wanted);
  const listed: [keys: string, treatment: Treatment][] = [
    [KEPT_KEYS, 'kept'],
    [PERSONAL_KEYS, 'personal'],
    [WORD_KEYS, 'word'],
    [EXPRESSION_KEYS, 'expression'],
    [SENTENCE_KEYS, 'sentence'],
    [ADDRESS_KEYS, 'address'],
  ];
  for (const [keys, treatment] of listed)
    for (const key of keys.split(' ')) if (!treatments.has(key)) treatments.set(key, treatment);
  treatments.set('schemas', 'schemas');
  for (const key of ['groups', 'usergroups', 'stores']) treatments.set(`${key}.display`, 'kept');
  treatments.set('members.value', 'personal');
  return treatments;
}

/** `emails.type` for a sub-attribute, the name for an attribute. */
function treatmentKey({ name, parent }: Attribute): string {
  return (parent ? `${parent.name}.${name}` : name).toLowerCase();
}

function sentenceWithout(text: string, isWord: (word: string) => boolean): RedactedSentence {
  const hidden: string[] = [];
  const marked = text
    .replaceAll('\0', '')
    .replace(QUOTED, (quoted) => (isWord(quoted.slice(1, -1)) ? quoted : `"\0${hidden.push(quoted) - 1}\0"`))
    .replace(
      /^((?:User|Group|Store|OrgUnit|Resource) )(\S.*)( not found)/s,
      (_all, head: string, id: string, tail: string) => [head, isId(id) ? id : HIDDEN, tail].join(''),
    )
    .replace(/[^\s()]+/g, (word) => {
      const [text] = word.split(/[.,;:]+$/) as [string];
      return text.includes('@') || isLikeToken(text) ? HIDDEN : word;
    });
  // What was hidden with more around it has no place any more.
  const quoted: string[] = [];
  const left = marked.replace(MARK, (_all, index: string) => {
    quoted.push(textOf(hidden[Number(index)] ?? ''));
    return `"${HIDDEN}"`;
  });
  return { text: left.replaceAll('\0', ''), quoted };
}

/** The text in quotation marks, as `JSON.stringify` wrote it; '' if it is not finished. */
function textOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return '';
  }
}

/** A text of an address as it was before percent-encoding; one that cannot be decoded is hidden. */
export function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return HIDDEN;
  }
}
