// What every refusal of the SCIM door has (RFC 7644 §3.12), whatever was refused.

import assert from 'node:assert/strict';
import type { Answer } from './http-client.ts';
import { ERROR } from './scim.ts';

/** Words that no answer may hold: what the server is made of. */
const INSIDES = /node_modules|mongo(?:db|server|error)|at \w+ \(|\.ts:|\.js:|E11000|BSON|TypeError|SyntaxError/i;

/** A refusal in SCIM's form, and silent about what the server is made of. */
export function assertRefused(reply: Answer, what: string, statuses?: readonly number[]): void {
  const where = `${what}: ${reply.status} ${reply.text.slice(0, 300)}`;
  assert.ok(reply.status >= 400 && reply.status < 500, where);
  if (statuses) assert.ok(statuses.includes(reply.status), where);
  assert.equal(reply.body.status, String(reply.status), where);
  assert.deepEqual(reply.body.schemas, [ERROR], where);
  assert.ok(typeof reply.body.detail === 'string' && reply.body.detail.length > 0, where);
  assert.match(String(reply.headers.get('content-type')), /^application\/scim\+json/, where);
  assert.ok(!INSIDES.test(reply.text.replaceAll('\\"', '')), where);
}
