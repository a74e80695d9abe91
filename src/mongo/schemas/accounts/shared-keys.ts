// The collection `keys`: random keys that all instances of the server share.

import type { Binary } from 'mongodb';
import { Schema } from 'mongoose';
import { declareCollection } from '../declaration.ts';

export interface SharedKeyDocument {
  /** What the key is for, such as `csrf`. */
  _id: string;
  key: Binary;
}

export const keys = declareCollection<SharedKeyDocument>({
  shape: { _id: { type: String, required: true }, key: { type: Schema.Types.Buffer, required: true } },
});
