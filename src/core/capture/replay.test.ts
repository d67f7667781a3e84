import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64, utf8 } from '../../base/index.ts';
import type { CapturedBody, CapturedRequest } from './captured.ts';
import { HIDDEN } from './hide.ts';
import { type Replay, type ReplayEdit, replayOf } from './replay.ts';

const BODY: CapturedBody = { bytes: 2, kept: toBase64(utf8('{}')) };
const CAPTURED: CapturedRequest = {
  ...{ id: '1-1', unixMs: 1, resourceId: 'res_1', method: 'POST', host: 'hooks.example.com', body: BODY },
  target: `/hook?token=${HIDDEN}&n=1`,
  fields: [
    ...['Host', 'hooks.example.com', 'Content-Type', 'application/json', 'Content-Length', '2'],
    ...['Authorization', HIDDEN, 'X-Forwarded-For', '10.0.0.1', 'X-Hub-Signature', 'sha1=0', 'Accept-Encoding', 'gzip'],
    ...['If-None-Match', '"1"', 'Remote-User', 'ann', 'Connection', 'Upgrade', 'Referer', `https://a/?code=${HIDDEN}`],
  ],
};

function replay(edit?: ReplayEdit, captured = CAPTURED): Replay {
  const made = replayOf(captured, edit);
  return typeof made === 'string' ? assert.fail(made) : made;
}

test('a replay is the request without what was hidden, and without what is of one hop', () => {
  const { body, ...rest } = replay();
  assert.deepEqual(rest, {
    ...{ method: 'POST', target: '/hook?n=1' },
    fields: ['Content-Type', 'application/json', 'X-Hub-Signature', 'sha1=0'],
    leftOut: ['?token', 'authorization', 'referer'],
  });
  assert.deepEqual(body, utf8('{}'));
});

test('what is edited is sent in place of what was, and what stands for something hidden still is not', () => {
  const fields = ['Authorization', 'Bearer mine', 'Cookie', HIDDEN, 'x-forwarded-for', '::1'];
  const edited = replay({ method: 'PUT', target: `/other?a=${HIDDEN}`, fields, body: null });
  assert.deepEqual(edited, {
    ...{ method: 'PUT', target: '/other', fields: ['Authorization', 'Bearer mine'], body: undefined },
    leftOut: ['?a', 'cookie'],
  });
});

test('a body that is not all there is sent only where it is given anew', () => {
  const table: [body: CapturedBody | undefined, made: string | undefined][] = [
    [undefined, undefined],
    [{ bytes: 0 }, undefined],
    [{ bytes: 5, omitted: 'type' }, 'body-not-kept'],
    [{ ...BODY, bytes: 5, isCut: true }, 'body-cut'],
    [{ ...BODY, isHidden: true }, 'body-hidden'],
    [{ ...BODY, kept: '?' }, 'body-not-kept'],
  ];
  for (const [body, made] of table) {
    const { body: _before, ...bare } = CAPTURED;
    const captured = body ? { ...bare, body } : bare;
    const found = replayOf(captured);
    assert.equal(typeof found === 'string' ? found : found.body, made);
    assert.deepEqual(replay({ body: utf8('new') }, captured).body, utf8('new'));
  }
});
