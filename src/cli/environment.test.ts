import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from './environment.ts';

test('settings are told from what belongs to others', () => {
  const environment = readEnvironment({ MANIS_PORT_BASE: '9000', MANIS_APP: '', HOME: '/root', NO_COLOR: '1' });
  assert.deepEqual([...environment.variables], [['MANIS_PORT_BASE', '9000']]);
  assert.deepEqual(environment.ofOthers, { HOME: '/root', NO_COLOR: '1' });
  assert.equal(environment.noColor, true);
});

test('colour is not forbidden by an empty variable', () =>
  assert.equal(readEnvironment({ NO_COLOR: '' }).noColor, false));

const LOCAL = 'localhost,127.0.0.0/8,::1';
const proxies: [given: Record<string, string>, expected: Record<string, string>][] = [
  [{}, {}],
  [{ HTTPS_PROXY: 'http://proxy:3128' }, { MANIS_PROXY: 'http://proxy:3128' }],
  [{ https_proxy: 'http://small:1' }, { MANIS_PROXY: 'http://small:1' }],
  [{ HTTPS_PROXY: 'proxy:3128' }, { MANIS_PROXY: 'http://proxy:3128' }],
  [{ HTTPS_PROXY: '', ALL_PROXY: 'http://all:1' }, { MANIS_PROXY: 'http://all:1' }],
  [{ ALL_PROXY: 'socks5://all:1080' }, {}],
  [{ HTTP_PROXY: 'http://plain:1' }, {}],
  [{ MANIS_PROXY: 'http://ours:1', HTTPS_PROXY: 'http://theirs:1' }, { MANIS_PROXY: 'http://ours:1' }],
  [{ NO_PROXY: 'a.example, b.example c.example' }, { MANIS_NO_PROXY: `a.example,b.example,c.example,${LOCAL}` }],
  [{ MANIS_NO_PROXY: 'a', no_proxy: 'b' }, { MANIS_NO_PROXY: 'a' }],
];
for (const [given, expected] of proxies) {
  test(`the proxy of ${JSON.stringify(given)} is ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(Object.fromEntries(readEnvironment(given).variables), expected));
}
