import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64, utf8 } from '../../base/index.ts';
import { capturedBody, omissionOf } from './body.ts';
import type { BodyOmission } from './captured.ts';
import { HIDDEN } from './hide.ts';

const NONE: ReadonlySet<string> = new Set();

test('bodies of text are kept, others are not', () => {
  const table: [type: string | undefined, encoding: string | undefined, omitted: BodyOmission | undefined][] = [
    ['application/json', undefined, undefined],
    ['application/json; charset=utf-8', 'identity', undefined],
    ['application/vnd.github+json', undefined, undefined],
    ['application/problem+json; charset=utf-8', undefined, undefined],
    ['application/x-www-form-urlencoded', undefined, undefined],
    ['TEXT/plain', undefined, undefined],
    ['application/atom+xml', undefined, undefined],
    ['application/json', 'gzip', 'encoded'],
    ['multipart/form-data; boundary=json', undefined, 'type'],
    ['application/grpc', undefined, 'type'],
    ['image/png', undefined, 'type'],
    [undefined, undefined, 'type'],
  ];
  for (const [type, encoding, omitted] of table) assert.equal(omissionOf({ type, encoding }), omitted, String(type));
});

test('a body that was longer than there was room for says so', () => {
  const start = utf8('abc');
  const plain = { type: 'text/plain', encoding: undefined };
  assert.deepEqual(capturedBody(plain, start, 3, NONE), { bytes: 3, kept: toBase64(start) });
  assert.deepEqual(capturedBody(plain, start, 9, NONE), { bytes: 9, kept: toBase64(start), isCut: true });
});

test('what is hidden in a body is told, and bytes are kept as they are where nothing is', () => {
  const json = { type: 'application/json', encoding: undefined };
  const bytes = Uint8Array.of(0x22, 0xff, 0x22);
  assert.equal(capturedBody(json, bytes, 3, NONE).kept, toBase64(bytes));
  assert.deepEqual(capturedBody(json, utf8('{"secret":"a"}'), 14, NONE), {
    ...{ bytes: 14, kept: toBase64(utf8(`{"secret":"${HIDDEN}"}`)), isHidden: true },
  });
  const form = { type: 'application/x-www-form-urlencoded', encoding: undefined };
  assert.equal(capturedBody(form, utf8('a=1&password=2'), 14, NONE).isHidden, true);
});
