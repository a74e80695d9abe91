// The result of a run as a mail to the administrator who asked for it: the counts, and the file of results if it is not too large.

import type { Outcome } from '../../../directory/faults.ts';
import type { Run, RunCounts, RunStore } from '../../../runs/store.ts';
import type { RunEnd } from '../../../runs/worker.ts';
import { countsSentence, formSentence, resultFile } from './files.ts';

/** A mail for the outbox. */
export interface ResultMail {
  id: string;
  account: string;
  to: string;
  subject: string;
  text: string;
  attachments?: { name: string; contentType: string; text: string }[];
}

export interface ResultMailOptions {
  outbox: { enqueue(mail: ResultMail): Promise<Outcome<undefined>> };
  runs: RunStore;
}

/** A larger file of results is not attached, because mail servers refuse it. */
const ATTACHMENT_CHARS_MAX = 4 * 1024 * 1024;
const NAME_CHARS_MAX = 100;

/** Makes the function that mails a result. A run sends one mail, even if the function is called several times. */
export function createResultMail({ outbox, runs }: ResultMailOptions) {
  return async (run: Run, counts: RunCounts, end: NonNullable<RunEnd>): Promise<void> => {
    const to = run.options?.mailTo;
    if (typeof to !== 'string') return;
    const isSimulation = run.kind === 'csv-simulation';
    const name = run.file.name.slice(0, NAME_CHARS_MAX);
    const what = isSimulation ? 'Simulation' : 'Import';
    const result = await shortEnough(resultFile(runs, run));
    const sentences = [
      `${what} of ${name}: ${end.state === 'done' ? 'done' : 'failed'}.`,
      countsSentence(counts, isSimulation),
      formSentence(run),
      ...(end.reason === undefined ? [] : [end.reason]),
      ...(run.reason === undefined ? [] : [run.reason]),
      result === undefined ? 'The file of results is too large for a mail; download it.' : '',
    ];
    await outbox.enqueue({
      id: `csv-result:${run.id}`,
      account: run.account,
      to,
      subject: `${what} of ${name}: ${counts.refused} of ${counts.done} rows refused`,
      text: sentences.filter((sentence) => sentence !== '').join('\n'),
      ...(result === undefined
        ? {}
        : { attachments: [{ name: 'result.csv', contentType: 'text/csv; charset=utf-8', text: result }] }),
    });
  };
}

async function shortEnough(parts: AsyncIterable<string>): Promise<string | undefined> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length > ATTACHMENT_CHARS_MAX) return undefined;
  }
  return text;
}
