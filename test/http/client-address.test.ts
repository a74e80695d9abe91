// The address of the client behind proxies, and the network that limits count by.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from '@jest/globals';
import { networkOf } from '../../src/auth/network.ts';
import { createClientAddress, type TrustedProxies } from '../../src/http/client-address.ts';

const requestOf = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('the address of the client', () => {
  const PROXIES = ['10.0.0.0/8', '::1'];
  const cases: [TrustedProxies, string | undefined, string | undefined, string][] = [
    [0, '10.0.0.1', '198.51.100.7', '10.0.0.1'],
    [PROXIES, '10.0.0.1', undefined, '10.0.0.1'],
    [PROXIES, '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    [PROXIES, '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    [PROXIES, '10.0.0.1', '198.51.100.7, 10.0.0.2', '198.51.100.7'],
    [PROXIES, '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    [PROXIES, '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    [PROXIES, '10.0.0.1', 'unknown', '10.0.0.1'],
    [PROXIES, '10.0.0.1', 'x'.repeat(5000), '10.0.0.1'],
    [PROXIES, '10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    [PROXIES, '::1', '[2001:db8::7]:4711', '2001:db8::7'],
    [1, '192.0.2.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    [2, '192.0.2.1', '203.0.113.9, 198.51.100.7', '203.0.113.9'],
    [2, undefined, '203.0.113.9', ''],
  ];
  for (const [trusted, remote, forwarded, expected] of cases) {
    test(`${JSON.stringify(trusted)} trusted, from ${remote}, forwarded ${forwarded?.slice(0, 40)}: ${expected}`, () => {
      assert.equal(createClientAddress(trusted)(requestOf(remote, forwarded)), expected);
    });
  }
});

test('the network of an address', () => {
  const cases = {
    '198.51.100.7': '198.51.100.7',
    '::ffff:198.51.100.7': '198.51.100.7',
    '2001:db8:0:1:2:3:4:5': '2001:db8:0:1::/64',
    '2001:DB8::1:0:0:1': '2001:db8:0:0::/64',
    '::1': '0:0:0:0::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '': '',
  };
  for (const [address, network] of Object.entries(cases)) assert.equal(networkOf(address), network, address);
});
