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

/** What is to be noted about a value: names that no sub-attribute has, and URIs and binaries that are none. */
export function notesOn(attribute: Attribute, value: unknown, where: string): EventFault[] {
  if (attribute.type !== 'complex') return formatNotes(attribute, value, where);
  const notes = new Map<string, EventFault>();
  for (const element of Array.isArray(value) ? value : [value]) {
    if (!isJsonObject(element)) continue;
    for (const key of Object.keys(element)) {
      const name = key.toLowerCase();
      const sub = attribute.sub.get(name);
      const path = `${where}.${key}`;
      if (!sub && name !== '$ref') notes.set(path, ignoredName(path));
      for (const note of sub ? formatNotes(sub, element[key], path) : []) notes.set(note.detail, note);
    }
  }
  return [...notes.values()];
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Characters that a URI cannot contain unescaped. */
const NOT_IN_URI = /[\u0000-\u0020"<>\u007f]/;

/** A URI or a binary in a wrong format is stored as it was sent, and noted. */
function formatNotes({ type }: Attribute, value: unknown, where: string): EventFault[] {
  if (typeof value !== 'string') return [];
  const expected = type === 'reference' && NOT_IN_URI.test(value) ? 'a URI' : undefined;
  const wanted = expected ?? (type === 'binary' && !BASE64.test(value) ? 'base64 without line breaks' : undefined);
  return wanted === undefined
    ? []
    : [{ code: 'format', detail: `${where} is not ${wanted}. It was stored as it was sent.` }];
}

/** What a deactivation contained that could not be applied. */
export function notApplied(error: ScimError): EventFault {
  return { code: error.code, detail: `${error.detail} It was not applied.` };
}
