// A bar that shows how far a run is, on a terminal only; elsewhere nothing is drawn.

import type { WriteStream } from 'node:tty';

export interface ProgressBar {
  show(done: number, total: number | undefined): void;
  end(): void;
}

const WIDTH = 40;

export function progressBar(stream: Pick<WriteStream, 'write' | 'isTTY'>): ProgressBar {
  let isDrawn = false;
  return {
    show(done, total) {
      if (!stream.isTTY) return;
      const part = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
      const full = Math.round(part * WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
      stream.write(`\r${bar} ${Math.floor(part * 100)} % ${done}${total === undefined ? '' : ` of ${total}`} rows`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) stream.write('\n');
      isDrawn = false;
    },
  };
}
