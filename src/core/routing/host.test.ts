import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normaliseHost } from './host.ts';
import { HostTable } from './host-table.ts';

test('one host, one spelling', () => {
  const table: [text: string, name: string, port?: number][] = [
    ['app.example.org', 'app.example.org'],
    ['APP.Example.ORG', 'app.example.org'],
    ['app.example.org.', 'app.example.org'],
    ['app.example.org:443', 'app.example.org', 443],
    ['app.example.org.:8443', 'app.example.org', 8443],
    ['app.example.org:', 'app.example.org'],
    ['xn--caf-dma.example', 'xn--caf-dma.example'],
    ['my_host', 'my_host'],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1.:80', '192.0.2.1', 80],
    ['[2001:DB8:0:0::1]', '[2001:db8::1]'],
    ['[::1]:8080', '[::1]', 8080],
  ];
  for (const [text, name, port] of table) {
    const host = normaliseHost(text);
    assert.ok(typeof host !== 'string', `${text}: ${String(host)}`);
    assert.deepEqual([host.name, host.port], [name, port], text);
  }
});

test('what is no host is refused by name', () => {
  const table: [text: string, reason: string][] = [
    ['', 'host-empty'],
    ['.', 'host-empty'],
    [':80', 'host-empty'],
    ['a'.repeat(300), 'host-too-long'],
    ['a.'.repeat(128), 'host-too-long'],
    ['café.example', 'host-not-ascii'],
    ['\u212aelvin.example', 'host-not-ascii'],
    ['app。example', 'host-not-ascii'],
    ['user@app.example', 'host-character'],
    ['app.example/x', 'host-character'],
    ['app example', 'host-character'],
    ['app.example, evil.example', 'host-character'],
    ['app.example\0', 'host-character'],
    ['app%2eexample', 'host-character'],
    ['*.example', 'host-character'],
    ['app..example', 'host-label'],
    ['.app', 'host-label'],
    ['app..', 'host-label'],
    ['-app.example', 'host-label'],
    ['app-.example', 'host-label'],
    [`${'a'.repeat(64)}.example`, 'host-label'],
    ['app:80:80', 'host-port'],
    ['app:-1', 'host-port'],
    ['app:65536', 'host-port'],
    ['app:000080', 'host-port'],
    ['app:8 0', 'host-port'],
    ['2001:db8::1', 'host-port'],
    ['127.1', 'host-ipv4-literal'],
    ['2130706433', 'host-ipv4-literal'],
    ['0x7f000001', 'host-ipv4-literal'],
    ['0177.0.0.1', 'host-ipv4-literal'],
    ['[::1', 'host-ipv6-literal'],
    ['[127.0.0.1]', 'host-ipv6-literal'],
    ['[fe80::1%eth0]', 'host-ipv6-literal'],
    ['[::1]x', 'host-character'],
    ['[::1]:', 'accepted'],
  ];
  for (const [text, reason] of table) {
    const host = normaliseHost(text);
    assert.equal(typeof host === 'string' ? host : 'accepted', reason, JSON.stringify(text));
  }
});

test('a normalised name normalises to itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aZ09-._:[]%@é '), maxLength: 20 }), (text) => {
      const host = normaliseHost(text);
      if (typeof host === 'string') return;
      assert.deepEqual(normaliseHost(host.name), { ...host, port: undefined });
    }),
  );
});

test('the exact name goes before the wildcard, and a star is one label', () => {
  const table = new HostTable<string>();
  assert.equal(table.add('*.apps.example.org', 'wild'), undefined);
  assert.equal(table.add('Wiki.apps.example.org.', 'wiki'), undefined);
  assert.equal(table.add('apps.example.org', 'root'), undefined);
  const cases: [name: string, resource: string | undefined][] = [
    ['wiki.apps.example.org', 'wiki'],
    ['other.apps.example.org', 'wild'],
    ['apps.example.org', 'root'],
    ['a.b.apps.example.org', undefined],
    ['example.org', undefined],
    ['org', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ];
  for (const [name, resource] of cases) assert.equal(table.find(name), resource, name);
  assert.equal(table.size, 3);
});

test('patterns that are taken or make no sense', () => {
  const table = new HostTable<number>();
  table.add('a.example', 1);
  assert.equal(table.add('A.example.', 2), 'pattern-taken');
  for (const pattern of [
    '',
    '*',
    '*.',
    '*.com',
    '*.*.example.org',
    'a.*.example',
    '*.192.0.2.1',
    'a.example:80',
    'é.example',
  ])
    assert.equal(table.add(pattern, 3), 'pattern-malformed', pattern);
  assert.equal(table.find('a.example'), 1);
});
