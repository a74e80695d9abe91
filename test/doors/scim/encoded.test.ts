// A list writes users from their encoded form: the same resources as those that are rendered from objects.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import type { StoredGroup, StoredStore, StoredUser } from '../../../src/directory/model.ts';
import { loadSchemaCatalogue } from '../../../src/directory/schema/catalogue.ts';
import { JsonBytes } from '../../../src/directory/schema/json-bytes.ts';
import type { Attribute, Attributes, SchemaPart } from '../../../src/directory/schema/schema.ts';
import { viewEncodedUser, viewUser } from '../../../src/directory/users/views.ts';
import { parseProjection } from '../../../src/doors/scim/protocol/names/projection.ts';
import { createRenderer } from '../../../src/doors/scim/protocol/renderer.ts';
import { decodeAround } from '../../../src/mongo/client/encoded-attributes.ts';
import { packageFolder } from '../../support/package-folder.ts';

const { user: schema } = loadSchemaCatalogue(packageFolder('scim-schemas'));
const renderer = createRenderer({ schema, baseUrl: 'https://scim.example.com/scim/v2' });
const CREATED = new Date('2026-01-02T03:04:05.678Z');

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u0000',
    '\u2028\u2029',
    '\u007f',
    '\ud83d\ude00',
    'é'.repeat(300),
    '\u0001'.repeat(300),
  ),
);
const simple = fc.oneof(
  { weight: 5, arbitrary: text },
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    simple,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('value', 'type', 'primary', 'display', 'a"b', 'ü', '\u2028'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));

/** A value of an attribute: usually of its shape, sometimes of any. */
function anyValueOf(attribute: Attribute): fc.Arbitrary<unknown> {
  const subs = [...attribute.sub.values()].map(({ name }) => name);
  const element: fc.Arbitrary<unknown> = subs.length > 0 ? someOf(subs, () => simple) : text;
  const usual = attribute.multiValued ? fc.array(element, { maxLength: 3 }) : element;
  return fc.oneof({ weight: 4, arbitrary: usual }, anything);
}

function someOf(names: readonly string[], valueFor: (name: string) => fc.Arbitrary<unknown>) {
  return fc
    .subarray([...names])
    .chain((chosen) => fc.tuple(...chosen.map((name) => valueFor(name).map((value) => [name, value] as const))))
    .map((entries) => Object.fromEntries(entries));
}

function part({ attributes }: SchemaPart, without: readonly string[] = []) {
  const byName = new Map([...attributes.values()].map((attribute) => [attribute.name, attribute]));
  const names = [...byName.keys()].filter((name) => !without.includes(name));
  return someOf(names, (name) => anyValueOf(byName.get(name) as Attribute));
}

const target = (id: string, name: string) => ({
  _id: id,
  name,
  refId: `ref ${name}`,
  type: 'team',
  identities: [],
  version: 1,
});
const names = {
  groups: new Map(['g1', 'g2'].map((id) => [id, target(id, `Group "${id}"`) as unknown as StoredGroup])),
  stores: new Map([['s1', target('s1', 'Ghent') as unknown as StoredStore]]),
};
const link = fc.record({
  to: fc.constantFrom('g1', 'g2', 's1', 'gone'),
  origins: fc.constantFrom(['push:c'], ['inline:c'], ['admin']),
});

const storedUser = fc.record(
  {
    data: fc
      .tuple(
        part(schema.core, ['schemas', 'id', 'meta']),
        ...schema.extensions.map((extension) => fc.option(part(extension))),
      )
      .map(([core, ...extensions]) => {
        const keyed = extensions.map((values, index) => [schema.extensions[index]?.key ?? '', values] as const);
        return { ...core, ...Object.fromEntries(keyed.filter(([, values]) => values !== null)) } as Attributes;
      }),
    groups: fc.array(link, { maxLength: 3 }),
    stores: fc.array(link, { maxLength: 2 }),
    loose: fc.constant({ storeCountry: '32' }),
    manager: fc.constant('the-manager'),
    missing: fc.constantFrom([], ['title']),
    blocked: fc.boolean(),
    lifecycle: fc.constantFrom('registered', 'invited'),
    privacyPolicyConfirmed: fc.constant(CREATED),
  },
  { requiredKeys: ['data', 'groups', 'stores', 'missing', 'blocked', 'lifecycle'] },
);

const named = fc.subarray(
  [...schema.byKey.values()].map(({ path }) => path).concat(schema.extensions.map(({ urn }) => urn)),
  { maxLength: 6 },
);
const query = fc.oneof(
  fc.constant({}),
  named.map((paths) => ({ attributes: paths.join(',') })),
  named.map((paths) => ({ excludedAttributes: paths.join(',') })),
);

test('each user is written as it is rendered, in every projection and whatever is stored', () => {
  fc.assert(
    fc.property(fc.array(storedUser, { minLength: 1, maxLength: 3 }), query, (stored, asked) => {
      const projection = parseProjection(asked, schema);
      const json = new JsonBytes(16);
      const expected = stored.map((body, index) => {
        const user = { _id: `id-${index}`, account: 'a', version: 7, created: CREATED, modified: CREATED, ...body };
        const raw = BSON.serialize(user);
        json.text(index === 0 ? '[' : ',');
        renderer.write(viewEncodedUser(decodeAround<StoredUser>(raw, new Set(['account'])), names), projection, json);
        return renderer.render(viewUser(BSON.deserialize(raw) as StoredUser, names), projection);
      });
      json.text(']');
      const written = Buffer.from(json.written()).toString();
      assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(expected)));
      // Each member is the same text and is written once; only their order may differ.
      assert.equal(written.length, JSON.stringify(expected).length);
      for (const resource of expected)
        for (const [name, value] of Object.entries(resource))
          assert.ok(written.includes(`${JSON.stringify(name)}:${JSON.stringify(value)}`), name);
    }),
    { numRuns: 150 },
  );
});
