import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExempt } from './no-proxy.ts';

const cases: [entries: string, host: string, port: number, isExempt: boolean][] = [
  ['', 'example.com', 443, false],
  ['*', 'example.com', 443, true],
  ['example.com', 'example.com', 443, true],
  ['example.com', 'EXAMPLE.com.', 443, true],
  ['example.com', 'pop.example.com', 443, true],
  ['example.com', 'notexample.com', 443, false],
  ['.example.com', 'pop.example.com', 443, true],
  ['.example.com', 'example.com', 443, true],
  ['*.example.com', 'pop.example.com', 443, true],
  ['example.com:8443', 'example.com', 8443, true],
  ['example.com:8443', 'example.com', 443, false],
  ['com', 'example.org', 443, false],
  ['other.net, example.com', 'example.com', 443, true],
  ['192.0.2.1', '192.0.2.1', 443, true],
  ['192.0.2.1', '192.0.2.10', 443, false],
  ['192.0.2.1:8443', '192.0.2.1', 443, false],
  ['192.0.2.0/24', '192.0.2.77', 443, true],
  ['192.0.2.0/24', '192.0.3.77', 443, false],
  ['10.0.0.0/8', 'example.com', 443, false],
  ['10.0.0.0/8', '2001:db8::1', 443, false],
  ['10.0.0.0/40', '10.0.0.1', 443, false],
  ['nonsense/8', '10.0.0.1', 443, false],
  ['2001:db8::/32', '[2001:db8::5]', 443, true],
  ['2001:db8::5', '[2001:db8:0::5]', 443, true],
  ['[2001:db8::5]:8443', '2001:db8::5', 8443, true],
  ['[2001:db8::5]:8443', '2001:db8::5', 443, false],
];
for (const [entries, host, port, expected] of cases) {
  test(`NO_PROXY "${entries}" ${expected ? 'exempts' : 'does not exempt'} ${host}:${port}`, () =>
    assert.equal(isExempt(entries.split(','), host, port), expected));
}
