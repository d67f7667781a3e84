import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeGrpcMessage, grpcStatusOf, grpcTimeoutMs, isGrpc } from './grpc.ts';

const TYPES: readonly (readonly [type: string | undefined, is: boolean])[] = [
  [undefined, false],
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['Application/gRPC; charset=utf-8', true],
  ['application/grpc-web+proto', false],
  ['application/grpcs', false],
  ['application/json', false],
];

test('a gRPC call is seen by its Content-Type', () => {
  for (const [type, is] of TYPES) assert.equal(isGrpc(type), is, String(type));
});

const TIMEOUTS: readonly (readonly [value: string | undefined, ms: number | undefined])[] = [
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['10S', 10_000],
  ['100m', 100],
  ['1500u', 1.5],
  ['99999999n', 99.999999],
  ['0S', 0],
  [undefined, undefined],
  ['', undefined],
  ['10', undefined],
  ['-1S', undefined],
  ['1.5S', undefined],
  ['123456789S', undefined],
  ['1s', undefined],
];

test('a timeout is read with its unit, or not at all', () => {
  for (const [value, ms] of TIMEOUTS) assert.equal(grpcTimeoutMs(value), ms, String(value));
});

test('statuses of HTTP have their counterparts', () => {
  const table = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504].map((status) => grpcStatusOf(status));
  assert.deepEqual(table, [13, 16, 7, 12, 8, 14, 2, 14, 14, 14]);
});

test('a message is printable ASCII, whatever it says', () => {
  assert.equal(encodeGrpcMessage('50% of Grüße\n'), '50%25 of Gr%C3%BC%C3%9Fe%0A');
  assert.equal(encodeGrpcMessage('\ud800'), '%EF%BF%BD');
});
