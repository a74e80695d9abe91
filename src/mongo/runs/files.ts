// The content of files that runs read, stored in pieces, so that any process can continue a run.

import { createHash } from 'node:crypto';
import { Binary, type Db } from 'mongodb';
import { newResourceId } from '../../directory/ids.ts';
import { FileGone, type FileStore, FileTooLarge } from '../../runs/store.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

const PIECE_BYTES = 1024 * 1024;
/** The size of the chunks that `read` yields; small, because readers hold all rows of a chunk in memory. */
const READ_BYTES = 64 * 1024;

/** Creates the file store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createFileStore(db: Db, now: () => Date): FileStore {
  const { runFiles: pieces } = collectionsOf(db);

  const remove = async (file: string): Promise<void> => {
    await guarded(() => pieces.deleteMany({ file }));
  };

  return {
    async keep(content, bytesMax) {
      const file = newResourceId();
      const hash = createHash('sha256');
      const created = now();
      let waiting: Uint8Array[] = [];
      let waitingBytes = 0;
      let bytes = 0;
      let n = 0;
      const write = async (last: boolean): Promise<void> => {
        const data = new Binary(Buffer.concat(waiting));
        waiting = [];
        waitingBytes = 0;
        await guarded(() => pieces.insertOne({ _id: `${file}:${n}`, file, n, last, data, created }));
        n += 1;
      };
      try {
        for await (const chunk of content) {
          bytes += chunk.byteLength;
          if (bytes > bytesMax) throw new FileTooLarge(bytesMax);
          hash.update(chunk);
          waiting.push(chunk);
          waitingBytes += chunk.byteLength;
          if (waitingBytes >= PIECE_BYTES) await write(false);
        }
        await write(true);
      } catch (error) {
        await remove(file);
        throw error;
      }
      return { content: file, sha256: hash.digest('hex'), bytes };
    },

    async *read(file) {
      for (let n = 0; ; n += 1) {
        const piece = await guarded(() => pieces.findOne({ _id: `${file}:${n}` }));
        if (!piece) throw new FileGone();
        const data = piece.data.value();
        for (let from = 0; from < data.length; from += READ_BYTES) yield data.subarray(from, from + READ_BYTES);
        if (piece.last) return;
      }
    },

    remove,
  };
}
