// The types of the admin API as the console has them: console/src/api-types.d.ts, made from the OpenAPI document by
// openapi-typescript. Its version 6, since version 7 prints with the compiler API of TypeScript 5, which TypeScript 7 has not.

import openapiTypescript, { type OpenAPI3 } from 'openapi-typescript';

const HEADING = `// The types of the admin API, made from its OpenAPI document by \`npm run console:types\`. Do not edit: change the schemas of the
// operations in src/doors/admin/, then make this file again.
`;

/** What a type does not say. Without it, the file changes only when the types change. */
const SAID_ELSEWHERE = new Set(['summary', 'description', 'examples', 'format', 'default', 'tags', 'security']);

/** The content of api-types.d.ts for an OpenAPI document. Refusals are the same for all operations: `components['schemas']['Problem']`. */
export async function consoleTypes(document: object): Promise<string> {
  const types = await openapiTypescript(shapes(document, false) as OpenAPI3, { alphabetize: true, commentHeader: '' });
  return HEADING + types.replaceAll(/^ *[/]\*\* .* \*[/]\n/gm, '').replaceAll(/\n{2,}/g, '\n\n');
}

/** Leaves out what types do not say. @param names whether the keys are names of fields, schemas, paths or answers */
function shapes(value: unknown, names: boolean, key = ''): unknown {
  if (Array.isArray(value)) return value.filter((one) => !isHeader(one)).map((one) => shapes(one, false));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name]) => (names || !SAID_ELSEWHERE.has(name)) && !(key === 'responses' && Number(name) >= 400),
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, shapes(one, !names && NAMING.has(name), name)]));
}

const NAMING = new Set(['properties', 'schemas', 'paths', 'responses']);

/** The version and the key of a request are arguments of the console's `call`, and no parameters. */
function isHeader(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'in' in value && value.in === 'header';
}
