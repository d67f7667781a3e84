import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseHost } from './host-names.ts';

const PORTAL = 'manis.example.org';

test('a host has one normal form', () => {
  const table: [text: string, host: string][] = [
    ['app.example.org', 'app.example.org'],
    ['APP.Example.org.', 'app.example.org'],
    ['*.apps.example.org', '*.apps.example.org'],
    ['café.example', 'xn--caf-dma.example'],
    ['app。example.org', 'app.example.org'],
    ['*.example.org', '*.example.org'],
  ];
  for (const [text, host] of table) assert.equal(normaliseHost(text, PORTAL), host, text);
});

test('what is no host, or is the portal in any spelling, is refused', () => {
  const refused = [
    ...['', 'localhost', 'a..b', '-a.b', 'a_b.example', '1.2.3.4', '0x7f.1', '[::1]', 'a b.example', '*.localhost'],
    ...[
      'evil.com/..',
      'a.b\r\nx',
      'a.b\tc',
      'a.example:80',
      'a.example?b',
      'a.example#b',
      'u@a.example',
      'a\\b.example',
    ],
    ...['a%2eb.example', 'a.example/', '*.*.example', 'a.*.example', '\u00a0a.example'],
    ...[PORTAL, 'MANIS.example.org.', `*.${PORTAL}`, 'ⓜanis.example.org', 'manis。example.org'],
  ];
  for (const text of refused)
    assert.throws(() => normaliseHost(text, PORTAL), { code: 'host-invalid' }, JSON.stringify(text));
});
