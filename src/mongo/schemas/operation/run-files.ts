// The collection `runFiles`: the content of files that runs read, in pieces of 1 MiB.

import type { Binary } from 'mongodb';
import { Schema } from 'mongoose';
import { declareCollection } from '../declaration.ts';

export interface FilePiece {
  /** `file:n`, n from 0. */
  _id: string;
  file: string;
  n: number;
  last: boolean;
  data: Binary;
  created: Date;
}

export const runFiles = declareCollection<FilePiece>({
  shape: {
    _id: { type: String, required: true },
    file: { type: String, required: true },
    n: { type: Number, required: true },
    last: { type: Boolean, required: true },
    data: { type: Schema.Types.Buffer, required: true },
    created: { type: Date, required: true },
  },
  indexes: [{ key: { file: 1 }, name: 'file' }],
  retentionFrom: 'created',
});
