// A reader of Server-Sent Events, as an EventSource reads them. @see WHATWG HTML §9.2.6

import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as the stream tells it. */
interface StreamedRequest {
  id: string;
  method: string;
  path: string;
  status: number;
  request: string;
  requestBody?: string;
  responseBody?: string;
}

export interface LiveStream {
  status: number;
  headers: IncomingMessage['headers'];
  /** Everything that came, as it came. */
  text: () => string;
  requests: () => StreamedRequest[];
  /** What an EventSource sends as Last-Event-ID when it connects again. */
  lastId: () => string;
  /** Why the server ended it. */
  end: () => string | undefined;
  isClosed: () => boolean;
  /** Waits until this holds; fails after a minute. */
  until(holds: () => boolean): Promise<void>;
  close(): void;
}

/** Opens a stream; resolves with the head of the answer. */
export async function openStream(url: string, headers: Record<string, string>): Promise<LiveStream> {
  const outgoing = request(url, { headers, agent: false });
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject).end();
  });
  let text = '';
  let isClosed = false;
  incoming
    .setEncoding('utf8')
    .on('data', (piece: string) => {
      text += piece;
    })
    .on('error', () => undefined)
    .on('close', () => {
      isClosed = true;
    });
  const messages = () => text.split('\n\n').slice(0, -1).map(messageOf);
  const stream: LiveStream = {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: () => text,
    requests: () =>
      messages().flatMap(({ event, data }) => (event === 'request' ? [data as unknown as StreamedRequest] : [])),
    lastId: () => messages().findLast(({ id }) => id !== undefined)?.id ?? '',
    end: () => messages().find(({ event }) => event === 'end')?.data.reason as string | undefined,
    isClosed: () => isClosed,
    async until(holds) {
      for (const end = Date.now() + 60_000; !holds(); await sleep(50)) {
        if (Date.now() > end) assert.fail(`not in time: ${text.slice(-2_000)}`);
      }
    },
    close: () => outgoing.destroy(),
  };
  if (stream.status === 200) await stream.until(() => stream.lastId() !== '');
  else await stream.until(() => isClosed);
  return stream;
}

/** The fields of a message; lines that begin with a colon are comments. */
function messageOf(text: string): { id?: string; event?: string; data: Record<string, unknown> } {
  const fields: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (name !== undefined) fields[name] = value;
  }
  return { ...fields, data: fields.data === undefined ? {} : JSON.parse(fields.data) };
}
