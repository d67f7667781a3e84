import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStyle } from '../terminal/style.ts';
import { createScreen, durationText, requestText, type Shown } from './screen.ts';
import { readPublished } from './what.ts';

const style = createStyle(false);
const SHOWN: Shown = {
  ...{ id: 'qtn_1', applications: [{ url: 'https://try-x.example.com', leadsTo: 'http://localhost:3000' }] },
  ...{ guard: 'pin', secret: '48120937', expiresUnixMs: 7_200_000, kept: false, qrUrl: undefined, canPressKeys: true },
};

function screenOf(json: boolean, act: (screen: ReturnType<typeof createScreen>) => void): string {
  const written: string[] = [];
  act(createScreen(style, json, (text) => void written.push(text)));
  return written.join('');
}

test('the screen says where it is, what lets in, and when it ends', () => {
  const text = screenOf(false, (screen) => screen.ready(SHOWN, 0));
  assert.match(text, /https:\/\/try-x\.example\.com {2}→ http:\/\/localhost:3000/);
  assert.match(text, /PIN {7}48120937/);
  assert.match(text, /Ends by itself in 2 h; k keeps it, Ctrl-C ends it\./);
  const withCode = screenOf(false, (screen) => screen.ready({ ...SHOWN, qrUrl: 'https://x.example' }, 0));
  assert.match(withCode, /[█▀▄]{5}/);
});

test('a request is one line, and cannot move the cursor', () => {
  const line = {
    unixMs: 0,
    method: 'GET',
    path: `/\u001b[2J${'x'.repeat(100)}`,
    status: 200,
    ms: 3.21,
    application: 'a',
  };
  const text = requestText(style, line, true);
  assert.match(text, /200 {2}GET {4}\/ \[2Jx+… 3\.2 ms {2}a$/);
  assert.doesNotMatch(text, /\p{Cc}/u);
});

test('for programs it is one JSON object a line', () => {
  const text = screenOf(true, (screen) => {
    screen.ready(SHOWN, 0);
    screen.request({ unixMs: 1, method: 'GET', path: '/', status: 200, ms: 1.6, application: 'a' });
    screen.ended('Ended.');
  });
  const [ready, request, ended] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [ready.event, ready.secret, ready.applications[0].url],
    ['ready', '48120937', 'https://try-x.example.com'],
  );
  assert.deepEqual([request.event, request.ms, ended.event], ['request', 2, 'ended']);
});

test('durations are as people say them', () => {
  const table: [ms: number, text: string][] = [
    [20_000, '1 min'],
    [1_800_000, '30 min'],
    [7_200_000, '2 h'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '24 h'],
    [259_200_000, '3 d'],
  ];
  for (const [ms, text] of table) assert.equal(durationText(ms), text);
});

test('a word is a port, an address, a URL or a folder, with a name before it or not', async () => {
  const table: [word: string, url: string, host?: string][] = [
    ['3000', 'http://localhost:3000'],
    ['shop=3000', 'http://localhost:3000', 'shop'],
    ['192.0.2.7:80', 'http://192.0.2.7'],
    ['https://localhost:8443/', 'https://localhost:8443'],
    ['docs.example.org=http://[::1]:3000', 'http://[::1]:3000', 'docs.example.org'],
  ];
  for (const [word, url, host] of table) {
    const read = await readPublished(word);
    assert.deepEqual([read.kind === 'server' && read.url.origin, read.host], [url, host], word);
  }
  assert.equal((await readPublished('.')).kind, 'folder');
  for (const word of ['0', '70000', 'ftp://x', './no-such-folder', 'http://x/path', 'http://a:b@x'])
    await assert.rejects(readPublished(word), { name: 'UsageFailure' }, word);
});
