// How a collection is declared: its shape, its indexes, how durable its writes are, and which field its retention counts from.

import type { Binary, IndexDescription, WriteConcernSettings } from 'mongodb';
import { Schema } from 'mongoose';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';

/** Mongoose's declaration of a value of the type `V`. A value of unknown keys is mixed. */
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
            ? { type: readonly [Element extends string ? typeof String : Schema<Element>] }
            : string extends keyof V
              ? { type: typeof Schema.Types.Mixed }
              : // A document of any other collection.
                [keyof V] extends ['_id']
                ? { type: typeof Schema.Types.Mixed }
                : { type: Schema<V> };

/** Whether a key may be absent, may be null, or is always there. */
type Presence<T, K extends keyof T> =
  Pick<T, never> extends Pick<T, K>
    ? { required?: false; default?: undefined }
    : null extends T[K]
      ? { required?: false; default: null }
      : { required: true; default?: () => T[K] | number };

/** The shape of a document: every key of its type, no other one, and required exactly if the type says so. */
export type Shape<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> & Presence<T, K> };

/** The options that every schema here shares: nothing undeclared is stored, and nothing is added. */
const PLAIN = { id: false, versionKey: false, strict: 'throw', minimize: false } as const;

/** The schema of an object inside of a document. */
export function part<T>(shape: Shape<T>): Schema<T> {
  return new Schema<T>(shape as unknown as Record<string, never>, { ...PLAIN, _id: false });
}

/** Acknowledged by a majority and journaled: the rule. */
export const DURABLE: WriteConcernSettings = { w: 'majority', j: true };

/** Acknowledged by the primary alone: for what may be lost in a crash. */
export const FAST: WriteConcernSettings = { w: 1 };

/** A collection as `collections.ts` registers it. */
export interface CollectionDeclaration<T> {
  readonly schema: Schema<T>;
  /** What MongoDB's `createIndexes` takes; users have one for each attribute that `scim-schemas/matching.json` names. */
  readonly indexes: (catalogue: SchemaCatalogue) => IndexDescription[];
  /** Names of indexes that earlier versions made and no statement uses any more. */
  readonly formerIndexes: readonly string[];
  readonly writeConcern: WriteConcernSettings;
  /** The date from which the retention time of the configuration counts; see `setRetention`. */
  readonly retentionFrom: string | undefined;
}

/** What a file of a collection says about it. Writes are acknowledged by a majority and journaled, unless it says otherwise. */
export interface CollectionOptions<T> {
  shape: Shape<T>;
  indexes?: IndexDescription[] | ((catalogue: SchemaCatalogue) => IndexDescription[]);
  formerIndexes?: readonly string[];
  writeConcern?: WriteConcernSettings;
  retentionFrom?: keyof T & string;
  /** The date that mongoose sets with every change, for a collection that is written through a model. */
  touchedAt?: keyof T & string;
}

/** Declares a collection of documents of the type `T`. */
export function declareCollection<T extends { _id: string }>(options: CollectionOptions<T>): CollectionDeclaration<T> {
  const { shape, indexes = [], writeConcern = DURABLE, touchedAt, formerIndexes = [], retentionFrom } = options;
  const schema = new Schema<T>(shape as unknown as Record<string, never>, {
    ...PLAIN,
    // An index is made when the database is prepared, a collection by its first index or document: never by a model.
    autoIndex: false,
    autoCreate: false,
    writeConcern,
    ...(touchedAt === undefined ? {} : { timestamps: { createdAt: false, updatedAt: touchedAt } }),
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
