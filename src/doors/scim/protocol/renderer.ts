// Renders a view of the directory as a SCIM resource: schemas, extensions under their URNs, references, meta (RFC 7643 §3,
// §3.1). It copies only one level and never walks values.

import type { EncodedUserView } from '../../../directory/model.ts';
import type { JsonBytes } from '../../../directory/schema/json-bytes.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { entityTag } from '../../entity-tags.ts';
import { createJsonWriter, type Fill } from './json-writer.ts';
import type { Projection } from './names/projection.ts';
import { isComplex, partsOf, pick, place, type ResourceView } from './placing.ts';

export type { ResourceView } from './placing.ts';

/** Makes SCIM resources of one resource type. */
export interface Renderer {
  /** The SCIM resource without members. It shares its values with the view: neither may be changed later. */
  render(view: ResourceView, projection: Projection): Record<string, unknown>;
  /** Writes the JSON of the same resource, for long lists. */
  write(view: EncodedUserView, projection: Projection, into: JsonBytes): void;
}

/**
 * Makes the renderer of a resource type; `baseUrl` is the SCIM base without a trailing slash. An extension is listed in
 * `schemas` if the resource has values of it that are shown by default or were requested.
 * @see RFC 7643 §3, §3.1
 */
export function createRenderer(options: { schema: ResourceSchema; baseUrl: string }): Renderer {
  const { schema, baseUrl } = options;
  const parts = partsOf(schema, baseUrl);

  const metaOf = (view: ResourceView) => ({
    resourceType: schema.name,
    created: view.created.toISOString(),
    lastModified: view.modified.toISOString(),
    location: `${baseUrl}${schema.endpoint}/${view.id}`,
    version: entityTag(view.version),
  });

  const fill: Fill = (resource, schemas, view, projection) => {
    place(resource, view, view.attributes, projection.core, parts.coreReferences);
    for (const extension of parts.extensions) {
      const values = view.attributes[extension.key];
      if (!isComplex(values)) continue;
      const shown: Record<string, unknown> = {};
      const asked = projection.extensions.get(extension.key);
      const placed = asked !== undefined && place(shown, view, values, asked, extension.references);
      if (placed) resource[extension.urn] = shown;
      if (placed || Object.keys(values).some((name) => extension.ordinary.has(name))) schemas.push(extension.urn);
    }
    const meta = projection.core.get('meta');
    if (meta) resource.meta = meta === true ? metaOf(view) : pick(metaOf(view), meta);
    return resource;
  };

  const render = (view: ResourceView, projection: Projection): Record<string, unknown> => {
    const schemas = [schema.core.urn];
    return fill({ schemas, id: view.id }, schemas, view, projection);
  };

  return { render, write: createJsonWriter(schema, parts, fill) };
}
