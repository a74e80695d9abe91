// The generated parts of the guides: the table of attributes, and a section for each cause of a refusal. `npm run docs:guides` writes them.

import { type Fault, fault } from '../directory/faults.ts';
import { nameOfKey } from '../directory/schema/attributes.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { callingCodeRule } from '../directory/schema/formats.ts';
import { emptyAttributes } from '../directory/schema/schema.ts';
import { tableFaults } from '../directory/users/rules.ts';
import { COLUMNS } from '../doors/csv/format/columns.ts';
import { sentenceAbout, sentenceOf } from '../doors/fault-sentences.ts';
import { remediesIn } from '../doors/remedies.ts';
import { attributeAt, type ClientMappings, entraExpression, fullName, oktaRows } from '../doors/setup/mapping.ts';

/** What a user without anything lacks, by key, with the words of the rule. */
function requiredOf(): ReadonlyMap<string, string> {
  const nobody = {
    data: emptyAttributes(),
    stores: [],
    unlinkedValues: emptyAttributes(),
    managerUnresolved: false,
    needsExternalId: true,
    requiredKeys: [],
  };
  return new Map(tableFaults(nobody).map(({ path, params }) => [path, String(params.rule ?? 'yes')]));
}

/** The attributes of users: our name, SCIM, Entra ID, Okta, the column of files, and what is required. As Markdown. */
export function describeAttributes(catalogue: SchemaCatalogue, mappings: ClientMappings): string {
  const required = requiredOf();
  const okta = new Map(oktaRows(mappings, catalogue).map((row) => [row.variableName, row]));
  const rows = mappings.User.map((mapping) => {
    const { attribute } = mapping;
    const key = attribute.replace(/\[[^\]]*\]\.value$/, '');
    const column = COLUMNS.find((each) => each.key === key && each.syntax !== 'superior');
    const row = okta.get(mapping.okta ?? '');
    const isRequired = required.get(key) ?? (attributeAt(attribute, catalogue.user)?.required ? 'yes' : '');
    const expression = entraExpression(mapping);
    return [
      `\`${nameOfKey(key)}\``,
      `\`${fullName(attribute, catalogue.user)}\``,
      expression === undefined ? '' : `\`${short(expression)}\``,
      row ? `\`${row.externalName}\`` : '',
      column ? `\`${column.name}\`` : '',
      isRequired,
    ];
  });
  const heads = ['here', 'SCIM', 'expression in Entra ID', 'external name in Okta', 'column of files', 'required'];
  return `${table(heads, rows)}\n\n${leftOutOf(mappings)}`;
}

/** What the mappings leave out, by reason. */
function leftOutOf({ leftOut }: ClientMappings): string {
  const section = (lead: string, rows: ClientMappings['leftOut']['both']) => {
    const reasons = new Map<string, string[]>();
    for (const { attribute, why } of rows)
      reasons.set(why, [...(reasons.get(why) ?? []), `\`${nameOfKey(attribute)}\``]);
    return [lead, '', ...[...reasons].map(([why, names]) => `- ${names.join(', ')}: ${why}`)].join('\n');
  };
  return [
    section('The mapping for Entra ID leaves out:', leftOut.entra),
    section('Both leave out:', leftOut.both),
  ].join('\n\n');
}

/** A section for each cause, headed by its code: literal words, cause and what to do. As Markdown. */
export function describeRemedies(): string {
  return Object.entries(remediesIn('en'))
    .map(([code, { cause, fix }]) => {
      const literal = literalWords(code).map((words) => `> ${words}`);
      return [
        `### ${code}`,
        ...(literal.length > 0 ? [literal.join('\n>\n')] : []),
        cause,
        `**What to do:** ${fix}`,
      ].join('\n\n');
    })
    .join('\n\n');
}

/** What requests with a code are answered, literally, by examples. */
export function literalWords(code: string): string[] {
  return EXAMPLES.filter((each) => each.code === code).map(wordsOf);
}

/** Faults as they are answered, for people who search for the literal words. */
const EXAMPLES: readonly Fault[] = [
  fault('required', 'name.givenName'),
  fault('required', 'emails', { rule: 'an e-mail or a phone number is needed' }),
  fault('tooLong', 'title', { max: 255 }),
  fault('tooMany', 'members', { max: 1000 }),
  fault('wrongType', 'title', { expected: 'a string, not a number' }),
  fault('invalidValue', 'storeCountry', { rule: callingCodeRule('BE') }),
  fault('uniqueness', 'userName', { holder: 'active' }),
  fault('uniqueness', 'userName', { holder: 'inactive' }),
  fault('uniqueness', 'displayName', { holder: 'group' }),
  fault('memberNotFound'),
  fault('nestedGroup'),
  fault('mutability', 'groups'),
  fault('userLimit', '', { limit: 500 }),
  fault('ambiguousIdentity', 'emails'),
  fault('possibleDuplicate', 'emails'),
  fault('unknownReference', 'organizationalUnit', { kind: 'orgUnit' }),
  fault('inUse', 'store', { users: 3 }),
  fault('preconditionFailed'),
  fault('busy'),
];

function wordsOf(each: Fault): string {
  return each.path === '' ? `${sentenceOf(each)}.` : sentenceAbout(each.path, each);
}

/** A long expression without its middle. */
function short(expression: string): string {
  const chars = 60;
  return expression.length > chars ? `${expression.slice(0, chars)} …` : expression;
}

function table(heading: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), `|${heading.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
