import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceHints } from './context.ts';
import { readDeviceHints } from './device-hints.ts';

const X11 = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const WINDOWS = X11.replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64');

test('what browsers say that they are', () => {
  const table: [agent: string, hints: DeviceHints][] = [
    [X11, { kind: 'desktop', os: 'linux', browser: 'chrome' }],
    [WINDOWS, { kind: 'desktop', os: 'windows', browser: 'chrome' }],
    [`${WINDOWS} Edg/140.0.0.0`, { kind: 'desktop', os: 'windows', browser: 'edge' }],
    [`${WINDOWS} OPR/110.0.0.0`, { kind: 'desktop', os: 'windows', browser: 'opera' }],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      { kind: 'desktop', os: 'macos', browser: 'safari' },
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
      { kind: 'desktop', os: 'macos', browser: 'firefox' },
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      { kind: 'phone', os: 'ios', browser: 'safari' },
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1',
      { kind: 'tablet', os: 'ios', browser: 'chrome' },
    ],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      { kind: 'phone', os: 'android', browser: 'chrome' },
    ],
    [
      'Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36',
      { kind: 'tablet', os: 'android', browser: 'samsung' },
    ],
    [X11.replace('Linux x86_64', 'CrOS x86_64 14541.0.0'), { kind: 'desktop', os: 'chromeos', browser: 'chrome' }],
    ['Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) AppleWebKit/537.36', { kind: 'tv', os: 'linux' }],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', { kind: 'bot' }],
    ['curl/8.5.0', { kind: 'bot' }],
    ['something new', {}],
    ['', {}],
  ];
  for (const [userAgent, hints] of table) assert.deepEqual(readDeviceHints({ userAgent }), hints, userAgent);
  assert.deepEqual(readDeviceHints({ userAgent: undefined }), {});
});

test('client hints go before the frozen text of the agent', () => {
  const hints = readDeviceHints({ userAgent: X11, platform: '"Android"', mobile: '?1' });
  assert.deepEqual(hints, { kind: 'phone', os: 'android', browser: 'chrome' });
  assert.equal(readDeviceHints({ userAgent: X11, platform: '"toString"' }).os, 'linux');
  assert.equal(readDeviceHints({ userAgent: X11, platform: 'toString' }).os, 'linux');
});

test('a hostile agent is read in no time', () => {
  const startedMs = performance.now();
  for (const part of ['Version/', 'Android ', 'Chrome/1.', 'bot'])
    readDeviceHints({ userAgent: part.repeat(1_000_000 / part.length) });
  assert.ok(performance.now() - startedMs < 1_000);
});
