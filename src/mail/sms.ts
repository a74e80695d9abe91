// Text messages leave as signed webhooks in the form of Standard Webhooks (https://www.standardwebhooks.com), to a gateway that sends them.

import { createHmac } from 'node:crypto';
import type { SendMail } from './outbox.ts';

const ANSWER_MS_MAX = 10_000;
const ANSWER_CHARS_MAX = 500;
const SECRET_PREFIX = 'whsec_';

/** Where text messages go. */
export interface SmsGateway {
  url: string;
  /** `whsec_` and the key in base64. */
  secret: string;
}

/**
 * Creates a sender of text messages. A message has the same `webhook-id` in all attempts, so that the gateway can recognise repetitions.
 * Redirects are not followed.
 */
export function createSmsSender({ url, secret }: SmsGateway, now: () => Date): SendMail {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return async ({ id, to, text, created }) => {
    const body = JSON.stringify({ type: 'sms.send', timestamp: created.toISOString(), data: { to, text } });
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'MobieTrain-Provisioning',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    const response = await beginningOf(answer);
    if (!answer.ok)
      throw Object.assign(new Error('the gateway refused the message'), { responseCode: answer.status, response });
  };
}

/** The beginning of the text of an answer. */
async function beginningOf(answer: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of answer.body ?? []) {
    text += decoder.decode(part as Uint8Array, { stream: true });
    if (text.length >= ANSWER_CHARS_MAX) break;
  }
  return text.slice(0, ANSWER_CHARS_MAX);
}
