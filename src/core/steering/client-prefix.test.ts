import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { clientPrefix, isPublicAddress } from './client-prefix.ts';

const address = (text: string) => parseIpAddress(text) as IpAddress;

describe('the prefix of a client', () => {
  for (const [text, known, expected] of [
    ['203.0.113.77', undefined, '203.0.113.0/24'],
    ['2001:db8:1:2:3::4', undefined, '2001:db8:1::/48'],
    ['::ffff:203.0.113.77', undefined, '203.0.113.0/24'],
    ['203.0.113.77', 20, '203.0.112.0/20'],
    ['203.0.113.77', 32, '203.0.113.0/24'],
    ['203.0.113.77', 0, '0.0.0.0/0'],
    ['2001:db8:1:2::', 56, '2001:db8:1::/48'],
    ['2001:db8:ffff::', 36, '2001:db8:f000::/36'],
  ] as const) {
    test(`${text}${known === undefined ? '' : ` of which ${known} bits are known`} is ${expected}`, () =>
      assert.equal(clientPrefix(address(text), known).text, expected));
  }
});

describe('public addresses', () => {
  for (const text of ['8.8.8.8', '1.1.1.1', '2a00:1450::1', '::ffff:8.8.8.8'])
    test(`${text} is one`, () => assert.equal(isPublicAddress(address(text)), true));
  for (const text of [
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', '169.254.1.1', '224.0.0.1'],
    ...['255.255.255.255', '0.0.0.0', '::1', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1', '::ffff:10.0.0.1'],
  ])
    test(`${text} is none`, () => assert.equal(isPublicAddress(address(text)), false));
});
