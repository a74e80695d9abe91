// A real SMTP server in this process.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { callbackify } from 'node:util';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Mailbox {
  /** For SMTP_URL. */
  url: string;
  /** What arrived, in this order. */
  arrived: Email[];
  /** Codes that the next recipients are answered with, instead of being taken. */
  refusals: number[];
  /** The mails to an address, once there are `count`. */
  mailsTo(address: string, count?: number): Promise<Email[]>;
  close(): Promise<void>;
}

/** Starts the server; by default on a free port. */
export async function openMailbox(port = 0): Promise<Mailbox> {
  const arrived: Email[] = [];
  const refusals: number[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, callback) {
      const code = refusals.shift();
      if (code === undefined) return callback();
      return callback(Object.assign(new Error('no such user'), { responseCode: code }));
    },
    onData: callbackify(async (stream: Readable, _session: unknown) => {
      arrived.push(await PostalMime.parse(await buffer(stream)));
    }),
  });
  const server = smtp.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const mailsTo = (address: string) => arrived.filter(({ to }) => to?.some((one) => one.address === address));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    refusals,
    async mailsTo(address, count = 1) {
      for (let looks = 0; looks < 600 && mailsTo(address).length < count; looks += 1) await sleep(25);
      return mailsTo(address);
    },
    close: () => new Promise((resolve) => smtp.close(resolve)),
  };
}
