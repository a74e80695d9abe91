// Declares a collection: its shape, indexes, write concern, and the field that its retention time counts from.

import type { Binary, IndexDescription, WriteConcernSettings } from 'mongodb';
import { Schema } from 'mongoose';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';

/** Mongoose's declaration of a value of type `V`. An object with arbitrary keys is Mixed. */
type Field<V> = [V] extends [string]
  ? { type: typeof String; enum?: readonly V[]; minlength?: number; maxlength?: number }
  : [V] extends [number]
    ? { type: typeof Number; min?: number }
    : [V] extends [boolean]
      ? { type: typeof Boolean }
      : [V] extends [Date]
        ? { type: typeof Date }
        : [V] extends [Binary]
          ? { type: typeof Schema.Types.Buffer }
          : [V] extends [readonly (infer Element)[]]
            ? {
                type: readonly [
                  Element extends string ? typeof String : Element extends number ? typeof Number : Schema<Element>,
                ];
              }
            : string extends keyof V
              ? { type: typeof Schema.Types.Mixed }
              : // A document of any other collection.
                [keyof V] extends ['_id']
                ? { type: typeof Schema.Types.Mixed }
                : { type: Schema<V> };

/** Whether a key is optional, nullable or required. */
type Presence<T, K extends keyof T> =
  Pick<T, never> extends Pick<T, K>
    ? { required?: false; default?: undefined }
    : null extends T[K]
      ? { required?: false; default: null }
      : { required: true; default?: () => T[K] | number };

/** The shape of a document: exactly the keys of its type, required if and only if the type requires them. */
export type Shape<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> & Presence<T, K> };

/** The options of every schema: undeclared fields are rejected, and mongoose adds none. */
const PLAIN = { id: false, versionKey: false, strict: 'throw', minimize: false } as const;

/** Creates the schema of a nested object. */
export function part<T>(shape: Shape<T>): Schema<T> {
  return new Schema<T>(shape as unknown as Record<string, never>, { ...PLAIN, _id: false });
}

/** Acknowledged by a majority and journaled; the default. */
export const DURABLE: WriteConcernSettings = { w: 'majority', j: true };

/** Acknowledged by the primary alone: for data that may be lost in a crash. */
export const FAST: WriteConcernSettings = { w: 1 };

/** A collection as `collections.ts` registers it. */
export interface CollectionDeclaration<T> {
  readonly schema: Schema<T>;
  /** The arguments of MongoDB's `createIndexes`; users have an index for each attribute in `scim-schemas/matching.json`. */
  readonly indexes: (catalogue: SchemaCatalogue) => IndexDescription[];
  /** Names of indexes that earlier versions created and that are no longer used. */
  readonly formerIndexes: readonly string[];
  readonly writeConcern: WriteConcernSettings;
  /** The date field from which the configured retention time counts; see `setRetention`. */
  readonly retentionFrom: string | undefined;
}

/** The options of a collection. Its writes are acknowledged by a majority and journaled by default. */
export interface CollectionOptions<T> {
  shape: Shape<T>;
  indexes?: IndexDescription[] | ((catalogue: SchemaCatalogue) => IndexDescription[]);
  formerIndexes?: readonly string[];
  writeConcern?: WriteConcernSettings;
  retentionFrom?: keyof T & string;
  /** The date field that mongoose sets with every change, if the collection is written through a model. */
  changedAt?: keyof T & string;
}

/** Declares a collection of documents of type `T`. */
export function declareCollection<T extends { _id: string }>(options: CollectionOptions<T>): CollectionDeclaration<T> {
  const { shape, indexes = [], writeConcern = DURABLE, changedAt, formerIndexes = [], retentionFrom } = options;
  const schema = new Schema<T>(shape as unknown as Record<string, never>, {
    ...PLAIN,
    // Models create neither indexes nor collections: indexes are created when the database is prepared.
    autoIndex: false,
    autoCreate: false,
    writeConcern,
    ...(changedAt === undefined ? {} : { timestamps: { createdAt: false, updatedAt: changedAt } }),
  });
  return {
    schema,
    indexes: typeof indexes === 'function' ? indexes : () => indexes,
    formerIndexes,
    writeConcern,
    retentionFrom,
  };
}

/** Restricts an index to documents that have the field. */
export function wherePresent(path: string): Pick<IndexDescription, 'partialFilterExpression'> {
  return { partialFilterExpression: { [path]: { $exists: true } } };
}
