// Following the run of a file until it is finished, with a progress bar on a terminal.

import { access, constants } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import type { Run } from '../../runs/store.ts';
import type { RunWorker } from '../../runs/worker.ts';
import { CommandError } from '../frame/errors.ts';

const POLL_MS = 200;
const BAR_WIDTH = 40;

/** Checks that a file can be opened. @throws CommandError */
export async function mustBeReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch(() => {
    throw new CommandError(`Cannot read ${file}.`);
  });
}

/**
 * Waits until the run that `read` returns is finished. This process works on it, unless a server on the same database does.
 * @throws CommandError if the run disappears
 */
export async function followRun<R extends Pick<Run, 'finished' | 'counts'>>(
  worker: Pick<RunWorker, 'start' | 'stop'>,
  unit: 'rows' | 'blocks',
  read: () => Promise<R | undefined>,
): Promise<R> {
  const bar = progressBar(process.stderr, unit);
  worker.start();
  try {
    for (;;) {
      const run = await read();
      if (!run) throw new CommandError('The run no longer exists.');
      bar.show(run.counts.done, run.counts.total);
      if (run.finished) return run;
      await sleep(POLL_MS);
    }
  } finally {
    bar.end();
    await worker.stop();
  }
}

interface ProgressBar {
  show(done: number, total: number | undefined): void;
  end(): void;
}

/** A bar that is redrawn in place; draws nothing unless the stream is a terminal. */
function progressBar(stream: Pick<WriteStream, 'write' | 'isTTY'>, unit: 'rows' | 'blocks'): ProgressBar {
  let isDrawn = false;
  return {
    show(done, total) {
      if (!stream.isTTY) return;
      const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
      const full = Math.round(share * BAR_WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
      stream.write(`\r${bar} ${Math.floor(share * 100)} % ${done}${total === undefined ? '' : ` of ${total}`} ${unit}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) stream.write('\n');
      isDrawn = false;
    },
  };
}
