// Filters and orders on resources that store each attribute in one field: stores and org units (RFC 7644 §3.4.2).

import { QueryNotSupported } from '../../directory/ports.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { Attribute, ResourceSchema } from '../../directory/schema/schema.ts';
import {
  type AttributeOverrides,
  type Compare,
  type Condition,
  commonCompare,
  commonPresent,
  comparison,
  EVERYTHING,
  foldedLiteral,
  NOTHING,
  presentAt,
} from './filter.ts';

/** The stored field of each attribute, by `Attribute.key`. Fields whose name ends in `Fold` hold folded texts. */
export type StoredFields = Readonly<Record<string, string>>;

/** Creates the conditions for the attributes of a resource type. Its methods throw QueryNotSupported for attributes without a field. */
export function fieldConditions(schema: ResourceSchema, fields: StoredFields): AttributeOverrides {
  const fieldOf = (attribute: Attribute): string => {
    const field = Object.hasOwn(fields, attribute.key) ? fields[attribute.key] : undefined;
    if (field === undefined) throw new QueryNotSupported(attribute.path, `${schema.name}s can not be filtered by it`);
    return field;
  };
  return {
    async compare(term) {
      const { key } = term.attribute;
      if (key === 'schemas') return schemasCondition(term, schema);
      const common = commonCompare(term, schema.name);
      if (common) return common;
      const field = fieldOf(term.attribute);
      const isFolded = field.endsWith('Fold') && typeof term.value === 'string';
      return comparison(field, term.operator, isFolded ? foldText(String(term.value)) : foldedLiteral(term));
    },
    async present(attribute) {
      return commonPresent(attribute) ?? presentAt(fieldOf(attribute));
    },
    element: async () => undefined,
  };
}

/** The stored path of a sort attribute. @throws QueryNotSupported */
export function sortedField(attribute: Attribute, fields: StoredFields): string {
  const field = Object.hasOwn(fields, attribute.key) ? fields[attribute.key] : undefined;
  if (field === undefined) throw new QueryNotSupported(attribute.path, 'can not be sorted by');
  return field;
}

function schemasCondition({ attribute, operator, value }: Compare, { core }: ResourceSchema): Condition {
  if (operator !== 'eq' || typeof value !== 'string')
    throw new QueryNotSupported(attribute.path, 'only eq compares schemas');
  return value.toLowerCase() === core.urn.toLowerCase() ? EVERYTHING : NOTHING;
}
