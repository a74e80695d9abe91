// Filters, names and paths: RFC 7644 §3.4.2.2, §3.5.2, §3.10; what clients send on top; and what must be refused.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDateTime } from '../../../../src/directory/schema/date-time.ts';
import { parseFilter } from '../../../../src/doors/scim/protocol/filter/parser.ts';
import { findAttribute, findInPart, findSchemaPart } from '../../../../src/doors/scim/protocol/names/attribute-name.ts';
import { parsePath } from '../../../../src/doors/scim/protocol/patch/path.ts';
import { ScimError } from '../../../../src/doors/scim/protocol/scim-error.ts';
import { ENTERPRISE, MOBIETRAIN_USER, USER } from '../../../support/scim.ts';
import { assertNothingPolluted, GROUP_SCHEMA, refusal, show, USER_SCHEMA } from './fixture.ts';

describe('names', () => {
  const known: [string, string][] = [
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['name.givenName', 'name.givenName'],
    ['Name.GivenNAME', 'name.givenName'],
    ['externalId', 'externalId'],
    ['meta.lastModified', 'meta.lastModified'],
    [`${USER}:userName`, 'userName'],
    [`${USER.toUpperCase()}:name.familyName`, 'name.familyName'],
    [`${ENTERPRISE}:manager`, 'enterprise.manager'],
    [`${ENTERPRISE}:manager.value`, 'enterprise.manager.value'],
    [`${ENTERPRISE.toLowerCase()}:DEPARTMENT`, 'enterprise.department'],
    [`${MOBIETRAIN_USER}:stores.country`, 'mobietrain.stores.country'],
  ];
  for (const [text, key] of known) test(text, () => assert.equal(findAttribute(USER_SCHEMA, text)?.key, key));

  const unknown = [
    '',
    '.',
    ':',
    'department',
    'enterprise.department',
    'name.',
    'name.givenName.x',
    `${USER}`,
    `${USER}:`,
    `${ENTERPRISE}:userName`,
    `${USER}:department`,
    'urn:x:userName',
    '__proto__',
    'constructor',
    'name.__proto__',
    `${USER}:constructor.keys`,
    'toString',
  ];
  for (const text of unknown) test(`not ${text}`, () => assert.equal(findAttribute(USER_SCHEMA, text), undefined));

  test('a bare URN names its schema, in any case', () => {
    assert.equal(findSchemaPart(USER_SCHEMA, ENTERPRISE.toUpperCase())?.key, 'enterprise');
    assert.equal(findSchemaPart(USER_SCHEMA, USER)?.key, '');
    assert.equal(findSchemaPart(GROUP_SCHEMA, ENTERPRISE), undefined);
    assert.equal(findInPart(USER_SCHEMA.core, 'NAME.givenname')?.key, 'name.givenName');
  });
});

describe('filters that are understood', () => {
  const cases: [string, string][] = [
    ['userName eq "bjensen"', 'userName eq "bjensen"'],
    ['USERNAME EQ "bjensen"', 'userName eq "bjensen"'],
    ['  userName   eq   "a"  ', 'userName eq "a"'],
    ['name.familyName co "O\'Malley"', 'name.familyName co "O\'Malley"'],
    ['userName sw "J"', 'userName sw "J"'],
    [`${USER}:userName sw "J"`, 'userName sw "J"'],
    ['userName ew "\\u00e9\\"\\\\"', 'userName ew "é\\"\\\\"'],
    ['title pr', 'title pr'],
    ['name pr', 'name pr'],
    ['emails pr', 'emails pr'],
    ['title pr and userType eq "Employee"', '(title pr and userType eq "Employee")'],
    ['active eq true', 'active eq true'],
    ['active eq "True"', 'active eq true'],
    ['active eq FALSE', 'active eq false'],
    ['active ne "false"', 'active ne false'],
    ['title eq null', 'title eq null'],
    ['title ne NULL', 'title ne null'],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', 'meta.lastModified gt 2011-05-13T04:42:34.000Z'],
    ['meta.created le "2011-05-13T04:42:34.5+02:00"', 'meta.created le 2011-05-13T02:42:34.500Z'],
    [`schemas eq "${ENTERPRISE}"`, `schemas eq "${ENTERPRISE}"`],
    ['id eq "x"', 'id eq "x"'],
    [`${ENTERPRISE}:manager eq "x"`, 'enterprise.manager.value eq "x"'],
    [`${ENTERPRISE}:manager.value eq "x"`, 'enterprise.manager.value eq "x"'],
    ['emails eq "x"', 'emails.value eq "x"'],
    ['emails.type eq "work"', 'emails.type eq "work"'],
    ['emails co "example.com"', 'emails.value co "example.com"'],
    [`${MOBIETRAIN_USER}:enrollmentProfiles eq "P1"`, 'mobietrain.enrollmentProfiles eq "P1"'],
    [`${MOBIETRAIN_USER}:enrollmentProfiles[value eq "P1"]`, 'mobietrain.enrollmentProfiles eq "P1"'],
    ['title eq "a" or title eq "b" and title eq "c"', '(title eq "a" or (title eq "b" and title eq "c"))'],
    ['(title eq "a" or title eq "b") and title eq "c"', '((title eq "a" or title eq "b") and title eq "c")'],
    ['title eq "a" AND title eq "b" Or title eq "c"', '((title eq "a" and title eq "b") or title eq "c")'],
    ['not (title eq "a" and active eq true)', '!(title eq "a" and active eq true)'],
    ['NOT(title pr)', '!title pr'],
    ['title pr and not (userName eq "x")or active eq true', '((title pr and !userName eq "x") or active eq true)'],
    ['((((title pr))))', 'title pr'],
    ['emails[type eq "work" and value co "@x"]', 'emails[(type eq "work" and value co "@x")]'],
    ['emails[not (type eq "work") or (value pr)]', 'emails[(!type eq "work" or value pr)]'],
    ['emails[type eq "work"].value eq "x"', 'emails[(type eq "work" and value eq "x")]'],
    ['emails[type eq "a" or type eq "b"].value pr', 'emails[((type eq "a" or type eq "b") and value pr)]'],
    [`${MOBIETRAIN_USER}:stores[value eq "1" and country eq "32"]`, 'stores[(value eq "1" and country eq "32")]'],
    ['emails[ type  eq "work" ]', 'emails[type eq "work"]'],
    ['roles[primary eq "True"]', 'roles[primary eq true]'],
  ];
  // Inside brackets only the sub-attribute's own name is of interest.
  const shorten = (text: string) =>
    text.replaceAll(
      /(?:mobietrain\.)?(emails|roles|stores)(\[.*)/g,
      (_, list, rest) => `${list}${String(rest).replaceAll(/(?:mobietrain\.)?(?:emails|roles|stores)\./g, '')}`,
    );
  for (const [text, expected] of cases)
    test(text, () => assert.equal(shorten(show(parseFilter(text, USER_SCHEMA))), expected));

  test('of a group, as Entra asks for a member', () => {
    const text = 'id eq "g" and members[value eq "u"]';
    assert.equal(show(parseFilter(text, GROUP_SCHEMA)), '(id eq "g" and members[members.value eq "u"])');
    assert.equal(show(parseFilter('members eq "u"', GROUP_SCHEMA)), 'members.value eq "u"');
  });
});

describe('filters that are refused, with the reason', () => {
  const cases: [string, RegExp][] = [
    ['', /expected an attribute name.* position 1\./],
    ['   ', /position 4/],
    ['userName', /expected a space and an operator .* position 9/],
    ['userName eq', /expected a space and a value after "eq" at position 12/],
    ['userName eq ', /expected a value: .* position 13/],
    ['userName xx "a"', /expected an operator .* position 10/],
    ['userName eq "a', /closing quote .* position 15/],
    ["userName eq 'a'", /expected a value/],
    ['userName eq a', /expected a value/],
    ['userName eq"a"', /expected a space and a value/],
    ['userName eq "a"x', /expected a space, a closing bracket or the end/],
    ['userName eq "a" userName eq "b"', /"and", "or" or the end/],
    ['userName eq "a" and', /expected an attribute name/],
    ['and userName eq "a"', /expected a space and an operator|no attribute "and"/],
    ['(userName eq "a"', /expected "and", "or" or "\)"/],
    ['userName eq "a")', /the end of the filter/],
    ['()', /expected an attribute name/],
    ['not userName eq "a"', /expected "\(" after "not"/],
    ['userName eq "\\x"', /valid JSON string/],
    ['userName eq "a\u0000"', /valid JSON string/],
    ['unknown eq "a"', /User has no attribute "unknown" \(position 1\)/],
    ['department eq "a"', /no attribute "department"/],
    ['password eq "a"', /password can't be filtered on/],
    ['password pr', /password can't be filtered on/],
    ['name eq "a"', /name is complex/],
    ['addresses eq "a"', /addresses is complex/],
    ['userName eq 1', /string attribute userName is compared with a string/],
    ['userName eq true', /is compared with a string/],
    ['active eq 1', /true or false/],
    ['active eq "yes"', /true or false/],
    ['active gt true', /operator gt does not apply to the boolean attribute active/],
    ['active co "t"', /operator co does not apply/],
    ['x509Certificates.value gt "a"', /operator gt does not apply to the binary/],
    ['meta.created co "2011"', /operator co does not apply to the dateTime/],
    ['meta.created gt "2011"', /a date and time/],
    ['meta.created gt "2011-02-30T00:00:00Z"', /a date and time/],
    ['title gt null', /null can only be compared/],
    ['emails[type eq "work"', /"and", "or" or "\]"/],
    ['emails[]', /expected an attribute name/],
    ['emails[type eq "work"].nothing eq "x"', /emails has no sub-attribute "nothing"/],
    ['emails[type eq "work"].value', /expected a space and an operator/],
    ['emails[unknown eq "x"]', /emails has no attribute "unknown"/],
    ['emails[emails[type eq "x"]]', /no attribute "emails"/],
    ['emails[type[value eq "x"]]', /not another "\["/],
    ['name[givenName eq "x"]', /name is not multi-valued/],
    [`${MOBIETRAIN_USER}:enrollmentProfiles[value sw "a" and value ew "b"]`, /one comparison/],
    [`${ENTERPRISE} pr`, /no attribute/],
    ['userName eq 1e999', /expected a value/],
    ['userName eq 01', /expected a value/],
    ['userName eq {"$ne": null}', /expected a value/],
    ['__proto__.polluted eq "x"', /no attribute "__proto__.polluted"/],
    ['constructor.keys eq "x"', /no attribute "constructor.keys"/],
    ['emails[__proto__.x eq "y"]', /no attribute "__proto__.x"/],
    ['hasOwnProperty pr', /no attribute/],
  ];
  for (const [text, reason] of cases) {
    test(JSON.stringify(text), () => {
      const got = refusal(() => parseFilter(text, USER_SCHEMA));
      assert.match(got, /^invalidFilter: /);
      assert.match(got, reason);
    });
  }
});

describe('bounds, in linear time', () => {
  const hostile: [string, string][] = [
    ['newlines in an open string', `a eq "${'\n'.repeat(8_000)}`],
    ['backslashes in an open string', `userName eq "${'\\'.repeat(8_000)}`],
    ['backslashes, odd', `userName eq "${'\\'.repeat(8_001)}`],
    ['parentheses', '('.repeat(8_000)],
    ['closing parentheses', `title pr${')'.repeat(8_000)}`],
    ['nots', 'not ('.repeat(1_600)],
    ['brackets', 'emails['.repeat(1_000)],
    ['one long name', 'a'.repeat(8_192)],
    ['colons', `${':'.repeat(8_000)} pr`],
    ['digits', `userName eq ${'1'.repeat(8_000)}x`],
    ['exponents', `userName eq ${'1e'.repeat(4_000)}`],
    ['spaces', `title pr${' '.repeat(8_000)}x`],
    ['many terms', Array(201).fill('title pr').join(' or ')],
    ['too long', `userName eq "${'a'.repeat(9_000)}"`],
    ['deep', `${'('.repeat(33)}title pr${')'.repeat(33)}`],
    ['an alternation after each and', Array(101).fill('(title pr or active eq true)').join(' and ')],
  ];
  for (const [name, text] of hostile) {
    test(name, () => {
      const start = process.hrtime.bigint();
      const got = refusal(() => parseFilter(text, USER_SCHEMA));
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      assert.match(got, /^invalidFilter: /);
      assert.ok(got.length < 400, 'the detail must stay short');
      assert.ok(milliseconds < 200, `took ${milliseconds} ms`);
    });
  }
  test('what is just within them is taken', () => {
    assert.equal(parseFilter(Array(200).fill('title pr').join(' or '), USER_SCHEMA).kind, 'or');
    assert.equal(parseFilter(`${'('.repeat(32)}title pr${')'.repeat(32)}`, USER_SCHEMA).kind, 'present');
    const twelve = Array(12).fill('(title pr or active eq true)').join(' and ');
    const filter = parseFilter(twelve, USER_SCHEMA);
    assert.ok(filter.kind === 'and' && filter.terms.length === 12);
  });
});

describe('paths', () => {
  const text = (path: string) => {
    const parsed = parsePath(path, USER_SCHEMA);
    if (parsed.kind === 'extension') return `extension ${parsed.part.key}`;
    const element = parsed.element ? `[${show(parsed.element)}]` : '';
    return `${parsed.attribute.key}${element}${parsed.sub ? `.${parsed.sub.name}` : ''}`;
  };
  const cases: [string, string][] = [
    ['userName', 'userName'],
    ['UserName', 'userName'],
    [' active ', 'active'],
    ['name.givenName', 'name.givenName'],
    [`${USER}:name.givenName`, 'name.givenName'],
    ['emails', 'emails'],
    ['emails.value', 'emails.value'],
    ['emails[type eq "work"]', 'emails[emails.type eq "work"]'],
    ['emails[type eq "work"].Value', 'emails[emails.type eq "work"].value'],
    ['roles[primary eq "True"].value', 'roles[roles.primary eq true].value'],
    [
      'addresses[type eq "work" and primary eq true].locality',
      'addresses[(addresses.type eq "work" and addresses.primary eq true)].locality',
    ],
    [`${ENTERPRISE}:manager`, 'enterprise.manager'],
    [`${ENTERPRISE}:manager.value`, 'enterprise.manager.value'],
    [
      `${MOBIETRAIN_USER}:stores[value eq "a]b"].display`,
      'mobietrain.stores[mobietrain.stores.value eq "a]b"].display',
    ],
    [
      `${MOBIETRAIN_USER}:enrollmentProfiles[value eq "P1"]`,
      'mobietrain.enrollmentProfiles[mobietrain.enrollmentProfiles eq "P1"]',
    ],
    [ENTERPRISE, 'extension enterprise'],
    [MOBIETRAIN_USER.toUpperCase(), 'extension mobietrain'],
    [USER, 'extension '],
  ];
  for (const [path, expected] of cases) test(path, () => assert.equal(text(path), expected));

  const refused: [string, string][] = [
    ['', 'invalidPath'],
    ['unknown', 'invalidPath'],
    ['name.unknown', 'invalidPath'],
    ['name.givenName.x', 'invalidPath'],
    ['/userName', 'invalidPath'],
    ['userName x', 'invalidPath'],
    ['userName[value eq "x"]', 'invalidPath'],
    ['name[givenName eq "x"]', 'invalidPath'],
    ['unknown[type eq "x"]', 'invalidPath'],
    ['emails[type eq "work"].unknown', 'invalidPath'],
    ['emails[type eq "work"]value', 'invalidPath'],
    ['emails[type eq "work"]]', 'invalidPath'],
    ['emails[type eq "work"', 'invalidFilter'],
    ['emails[type eq work]', 'invalidFilter'],
    ['emails[unknown eq "x"]', 'invalidFilter'],
    ['emails[]', 'invalidFilter'],
    ['emails[__proto__.x eq "y"]', 'invalidFilter'],
    ['__proto__', 'invalidPath'],
    ['__proto__.polluted', 'invalidPath'],
    ['constructor.prototype', 'invalidPath'],
    [`${USER}:constructor.keys`, 'invalidPath'],
    [`${ENTERPRISE}:`, 'invalidPath'],
    ['urn:nowhere:x', 'invalidPath'],
    ['a'.repeat(9_000), 'invalidPath'],
  ];
  for (const [path, type] of refused)
    test(`refused: ${path.slice(0, 60)}`, () =>
      assert.match(
        refusal(() => parsePath(path, USER_SCHEMA)),
        new RegExp(`^${type}: `),
      ));
});

describe('dateTime', () => {
  const cases: [string, string | undefined][] = [
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['2023-02-29T00:00:00Z', undefined],
    ['2024-01-01T00:00:00', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00.123456789-05:30', '2024-01-01T05:30:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['2024-13-01T00:00:00Z', undefined],
    ['2024-00-10T00:00:00Z', undefined],
    ['2024-01-01T24:00:00Z', undefined],
    ['2024-01-01T00:60:00Z', undefined],
    ['2024-01-01T00:00:00+15:00', undefined],
    ['2024-01-01', undefined],
    ['yesterday', undefined],
    ['2024-01-01T00:00:00z', undefined],
  ];
  for (const [text, expected] of cases) test(text, () => assert.equal(parseDateTime(text)?.toISOString(), expected));
});

test('whatever comes, a filter or path is parsed or refused, and nothing is polluted', () => {
  const words = [
    'userName',
    'emails',
    'emails[',
    ']',
    '.value',
    '(',
    ')',
    'not',
    'and',
    'or',
    'eq',
    'pr',
    'co',
    '"x"',
    '"',
    '\\',
    'true',
    'null',
    '1',
    '__proto__',
    'constructor',
    `${ENTERPRISE}:manager`,
    USER,
    MOBIETRAIN_USER,
    ' ',
    '.',
    ':',
    '\n',
    'type',
    'primary',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((list) => list.join(' ')),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((list) => list.join('')),
  );
  const parses = [parseFilter, parsePath];
  fc.assert(
    fc.property(
      text,
      fc.constantFrom(USER_SCHEMA, GROUP_SCHEMA),
      fc.constantFrom(...parses),
      (input, schema, parse) => {
        try {
          parse(input, schema);
        } catch (error) {
          assert.ok(error instanceof ScimError, String(error));
        }
      },
    ),
    { numRuns: 3_000 },
  );
  assertNothingPolluted();
});
