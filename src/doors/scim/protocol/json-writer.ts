// Writes resources as JSON from views whose stored attributes are encoded, for long lists. What is shown of a resource is decided by
// the same projection, parts and `place` as in renderer.ts.

import type { EncodedUserView } from '../../../directory/model.ts';
import type { Selection } from '../../../directory/schema/encoded.ts';
import type { JsonBytes } from '../../../directory/schema/json-bytes.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { Projection, Shown } from './names/projection.ts';
import { place, type ReferencesOf, type ResourceParts, type ResourceView } from './placing.ts';

/** Adds everything but `schemas` and `id` to a resource, and the URNs of extensions to `schemas`. */
export type Fill = (
  resource: Record<string, unknown>,
  schemas: string[],
  view: ResourceView,
  projection: Projection,
) => Record<string, unknown>;

/** Makes the writer of a resource type. What the view computes is rendered by `fill`; the rest is copied as far as possible. */
export function createJsonWriter(schema: ResourceSchema, parts: ResourceParts, fill: Fill) {
  const extensions = parts.extensions.map((extension) => ({
    ...extension,
    opening: `${JSON.stringify(extension.urn)}:{`,
  }));
  const urnsText = createUrnsText([schema.core.urn, ...extensions.map(({ urn }) => urn)]);

  /** Writes the values of one extension, and returns whether it is listed in `schemas`. */
  const writeExtension = (
    { key, references, ordinary, opening }: (typeof extensions)[number],
    view: EncodedUserView,
    asked: ReadonlyMap<string, Shown> | undefined,
    into: JsonBytes,
  ): boolean => {
    const before = into.length;
    into.separate();
    into.text(opening);
    const opened = into.length;
    if (asked) writeStored(key, view, asked, references, into);
    if (into.length > opened) {
      into.text('}');
      return true;
    }
    into.length = before;
    return view.stored.hasAny(key, ordinary.keys());
  };

  return (view: EncodedUserView, projection: Projection, into: JsonBytes): void => {
    const start = into.length;
    const schemas = [schema.core.urn];
    const rendered = JSON.stringify(fill({}, schemas, withAttributes(view, view.computed), projection));
    writeStored(undefined, view, projection.core, parts.coreReferences, into);
    for (const extension of extensions) {
      if (Object.hasOwn(view.computed, extension.key)) continue;
      if (writeExtension(extension, view, projection.extensions.get(extension.key), into)) schemas.push(extension.urn);
    }
    if (rendered !== '{}') into.separate();
    into.text(rendered.slice(1));
    into.insert(start, `{"schemas":${urnsText(schemas)},"id":${JSON.stringify(view.id)}`);
  };
}

/** Makes a function that returns the JSON of `schemas`, in the order of the resource type. */
function createUrnsText(urns: readonly string[]): (schemas: readonly string[]) => string {
  const texts = new Map<string, string>();
  return (schemas) => {
    const key = schemas.join(' ');
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = JSON.stringify(urns.filter((urn) => schemas.includes(urn)));
    texts.set(key, text);
    return text;
  };
}

/** Copies the values of one schema that are shown whole and have no references, and renders the others. */
function writeStored(
  part: string | undefined,
  view: EncodedUserView,
  shownOf: ReadonlyMap<string, Shown>,
  references: ReferencesOf,
  into: JsonBytes,
): void {
  view.stored.write(part, selectionOf(shownOf, references), into, (name, value) => {
    if (part === undefined && Object.hasOwn(view.computed, name)) return;
    const shown: Record<string, unknown> = {};
    if (!place(shown, withAttributes(view, {}), { [name]: value }, shownOf, references)) return;
    into.separate();
    into.text(JSON.stringify(shown).slice(1, -1));
  });
}

/** The view with these attributes only. */
function withAttributes(
  { id, version, created, modified, manager }: EncodedUserView,
  attributes: EncodedUserView['computed'],
): ResourceView {
  const view = { id, version, created, modified, attributes };
  return manager === undefined ? view : { ...view, manager };
}

const selections = new WeakMap<ReadonlyMap<string, Shown>, Selection>();

/** The attributes that can be copied as they are stored; those of which a part is shown, and those with references, can't. */
function selectionOf(shownOf: ReadonlyMap<string, Shown>, references: ReferencesOf): Selection {
  let selection = selections.get(shownOf);
  if (!selection) {
    const names = [...shownOf.keys()];
    const isWhole = (name: string): boolean => shownOf.get(name) === true && !references.has(name);
    selection = {
      whole: new Set(names.filter(isWhole)),
      others: new Set(names.filter((name) => !isWhole(name))),
    };
    selections.set(shownOf, selection);
  }
  return selection;
}
