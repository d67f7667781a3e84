import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStyle } from '../terminal/style.ts';
import { humanAnnouncer, jsonAnnouncer, type NetworkEvent, type ReadyEvent } from './announce.ts';

const ready: ReadyEvent = {
  event: 'ready',
  dashboard: 'https://manis.localhost:8443',
  apps: [{ name: 'demo', url: 'https://demo.manis.localhost:8443' }],
  pops: [
    { name: 'Amsterdam', https: '127.0.0.1:8443', httpsEndpoints: ['127.0.0.1:8443'], udp: '127.0.0.1:8447', pid: 11 },
  ],
  control: { url: 'https://127.0.0.1:8446', pid: 12 },
  connector: { pid: 13 },
  demo: { pid: 14 },
  admin: { email: 'admin@manis.localhost', setupUrl: 'https://manis.localhost:8443/setup/abc' },
  caFile: '/data/control/ca.pem',
  dataDir: '/data',
  startedInMs: 1234,
};

function said(event: NetworkEvent): string {
  let text = '';
  humanAnnouncer(createStyle(false), (part) => {
    text += part;
  })(event);
  return text;
}

describe('what the network says', () => {
  test('has one link before anybody can sign in, and says the authority and how to stop', () => {
    const text = said(ready);
    for (const part of ['Ready in 1.2 s', 'Open this link', '/data/control/ca.pem\n', 'Ctrl-C stops everything'])
      assert.ok(text.includes(part), `${part} is missing in:\n${text}`);
    assert.deepEqual(text.match(/https:\S+/g), ['https://manis.localhost:8443/setup/abc']);
  });

  test('does not speak of a link that is used up', () => {
    const text = said({ ...ready, admin: { email: 'admin@manis.localhost', setupUrl: null } });
    assert.doesNotMatch(text, /works once/);
    for (const part of ['https://manis.localhost:8443/console/\n', 'https://demo.manis.localhost:8443\n'])
      assert.ok(text.includes(part), `${part} is missing in:\n${text}`);
    assert.match(text, /Sign in as\s+admin@manis\.localhost/);
  });

  const lines: [event: NetworkEvent, expected: RegExp][] = [
    [{ event: 'step', name: 'control', detail: 'https://127.0.0.1:8446' }, /✓ control\s+https/],
    [
      {
        event: 'process-died',
        name: 'pop-1',
        title: 'PoP Amsterdam',
        exit: { code: null, signal: 'SIGKILL' },
        restartInMs: 100,
      },
      /✗ PoP Amsterdam ended \(SIGKILL\); starting it again in 100 ms/,
    ],
    [
      {
        event: 'process-died',
        name: 'pop-1',
        title: 'PoP Amsterdam',
        exit: { code: 3, signal: null },
        restartInMs: 100,
      },
      /\(exit code 3\)/,
    ],
    [{ event: 'process-back', name: 'pop-1', title: 'PoP Amsterdam', pid: 5 }, /PoP Amsterdam is back \(process 5\)/],
    [{ event: 'stopped' }, /goes on where this one ended/],
  ];
  for (const [event, expected] of lines) {
    test(`${event.event} in words`, () => assert.match(said(event), expected));
  }

  test('is one JSON object a line for programs', () => {
    const written: string[] = [];
    jsonAnnouncer((line) => written.push(line))(ready);
    assert.equal(written.length, 1);
    assert.match(written[0] ?? '', /^[^\n]+\n$/);
    assert.deepEqual(JSON.parse(written[0] ?? ''), ready);
  });
});
