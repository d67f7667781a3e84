import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Captured, capturedText, fieldsWith } from './captured-text.ts';

const plain = (name: string, value: string) => ({ name, value, isHidden: value === '…' });

const captured: Captured = {
  ...{ requestId: 'q-1', resourceId: 'res_1' },
  ...{ id: 'req_1', unixMs: 0, expiresUnixMs: 60_000, method: 'POST', host: 'hooks.example', target: '/in?token=…' },
  fields: [plain('Content-Type', 'text/plain'), plain('Authorization', '…')],
  body: { bytes: 9, text: 'hel', omitted: null, isCut: true, isHidden: false },
  answer: { status: 200, fields: [], body: { bytes: 3, text: null, omitted: 'type', isCut: false, isHidden: false } },
  replay: { leftOut: ['?token', 'authorization'], missing: 'body-cut' },
};

test('a captured request is told as it went over the wire', () => {
  const text = capturedText(captured);
  for (const part of [
    '> POST /in?token=…',
    '> Authorization: …',
    '(cut: it was 9 bytes)',
    '< 200',
    '(3 bytes: it is no text)',
    'A replay is sent without ?token, authorization.',
    'the end of its body was not kept.',
  ])
    assert.ok(text.includes(part), `${part}\n${text}`);
  assert.match(capturedText({ ...captured, answer: null, body: null }), /No target answered/);
});

test('what a stranger sent moves no cursor of whoever looks at it', () => {
  const hostile = '\u001b[2J\u009b2J\u202e\r';
  const field = plain('X', hostile);
  const body = { bytes: 3, text: `a\n${hostile}`, omitted: null, isCut: false, isHidden: false };
  const answer = { status: 200, fields: [field], body };
  const text = capturedText({ ...captured, method: 'P', target: `/${hostile}`, fields: [field], body, answer });
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e]/u);
  assert.match(text, /^a$/m, 'lines stay');
});

test('fields of a replay are the captured ones with others in their place, and none that is hidden', () => {
  const table: [given: [string, string][], made: [string, string][]][] = [
    [[], [['Content-Type', 'text/plain']]],
    [[['content-type', 'a/b']], [['content-type', 'a/b']]],
    [[['content-type', '']], []],
    [
      [['Authorization', 'Bearer x']],
      [
        ['Content-Type', 'text/plain'],
        ['Authorization', 'Bearer x'],
      ],
    ],
  ];
  for (const [given, made] of table)
    assert.deepEqual(
      fieldsWith(
        captured.fields,
        given.map(([name, value]) => ({ name, value })),
      ),
      made.map(([name, value]) => ({ name, value })),
    );
});
