// Owns how values are written into the audit trail, and the values of a change of a group or a store.

import type { ChangedValue, StoredGroup, StoredStore } from './model.ts';

/** Longer values are cut. */
const VALUE_CHARS_MAX = 1_000;
/** Stands for the part of a value that is not kept. */
export const HIDDEN = '…';

/** A value as JSON text; undefined if there is none. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = JSON.stringify(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}${HIDDEN}` : text;
}

/** One attribute before and after, without the side that has no value. */
export function changedValue(attribute: string, from: string | undefined, to: string | undefined): ChangedValue {
  return { attribute, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) };
}

const GROUP_FIELDS = ['name', 'type', 'adminName', 'externalId', 'claimed', 'derived'] as const;
const STORE_FIELDS = ['refId', 'name', 'adminName', 'country'] as const;

/** What changes between two states of a group, with its values. @param before undefined: it is created; likewise `after`: deleted */
export function groupValues(
  before: Partial<StoredGroup> | undefined,
  after: Partial<StoredGroup> | undefined,
): ChangedValue[] {
  return differences(GROUP_FIELDS, before, after);
}

/** Likewise of a store. */
export function storeValues(
  before: Partial<StoredStore> | undefined,
  after: Partial<StoredStore> | undefined,
): ChangedValue[] {
  return differences(STORE_FIELDS, before, after);
}

/** What changes between two states of a resource in these fields. @param before undefined: it is created; likewise `after`: deleted */
export function differences<Key extends string>(
  fields: readonly Key[],
  before: Readonly<Partial<Record<Key, unknown>>> | undefined,
  after: Readonly<Partial<Record<Key, unknown>>> | undefined,
): ChangedValue[] {
  const isWhole = before === undefined || after === undefined;
  return fields.flatMap((field) => {
    // What is created without a type, or not derived, says so by its absence.
    if (isWhole && !(before ?? after)?.[field]) return [];
    const [from, to] = [before, after].map((state) => valueText(state?.[field]));
    return from === to ? [] : [changedValue(field, from, to)];
  });
}
