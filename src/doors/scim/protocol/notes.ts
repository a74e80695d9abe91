// Notes for the event of a request that was carried out: what it contained that was not applied, and why.

import type { EventFault } from '../../../directory/event.ts';
import type { Attribute } from '../../../directory/schema/schema.ts';
import { quote, type ScimError } from './scim-error.ts';
import { isJsonObject } from './values/json.ts';

/** The code of a note about a name that no attribute has. */
const IGNORED = 'ignored';

/** A key of the request, or the error about a path, that names no attribute. */
export function ignoredName(name: string | ScimError): EventFault {
  const detail = typeof name === 'string' ? `${quote(name)} is the name of no attribute.` : name.detail;
  return { code: IGNORED, detail: `${detail} It was ignored.` };
}

/** The names in a value that no sub-attribute of its attribute has. */
export function ignoredNames(attribute: Attribute, value: unknown, where: string): EventFault[] {
  if (attribute.type !== 'complex') return [];
  const elements: unknown[] = Array.isArray(value) ? value : [value];
  const unknown = new Set<string>();
  for (const element of elements) {
    if (!isJsonObject(element)) continue;
    for (const key of Object.keys(element)) {
      const name = key.toLowerCase();
      if (name !== '$ref' && !attribute.sub.has(name)) unknown.add(`${where}.${key}`);
    }
  }
  return [...unknown].map(ignoredName);
}

/** What a deactivation contained that could not be applied. */
export function notApplied(error: ScimError): EventFault {
  return { code: error.scimType ?? String(error.status), detail: `${error.detail} It was not applied.` };
}
