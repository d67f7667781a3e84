import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHttp2Head } from './http2-head.ts';

const PSEUDO = [':method', 'GET', ':scheme', 'https', ':authority', 'a.example', ':path', '/x?y'];

test('a head is told as HTTP/1.1 tells it', () => {
  const table: [name: string, raw: string[], ends: boolean, fields: string[]][] = [
    ['nothing but a name', PSEUDO, true, ['Host', 'a.example']],
    ['fields in order', [...PSEUDO, 'b', '1', 'a', '2'], true, ['Host', 'a.example', 'b', '1', 'a', '2']],
    [
      'crumbs of a cookie',
      [...PSEUDO, 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'],
      true,
      ['Host', 'a.example', 'x', 'y', 'Cookie', 'a=1; b=2'],
    ],
    ['a body without a length', PSEUDO, false, ['Host', 'a.example', 'Transfer-Encoding', 'chunked']],
    ['a body with one', [...PSEUDO, 'content-length', '3'], false, ['Host', 'a.example', 'content-length', '3']],
    ['Host, the same', [...PSEUDO, 'host', 'A.example'], true, ['Host', 'a.example']],
    ['Host, another', [...PSEUDO, 'host', 'b.example'], true, ['Host', 'a.example', 'Host', 'b.example']],
    [
      'Host twice',
      [...PSEUDO, 'host', 'a.example', 'host', 'b.example'],
      true,
      ['Host', 'a.example', 'host', 'b.example'],
    ],
    ['Host alone', [...PSEUDO.slice(0, 4), ...PSEUDO.slice(6), 'host', 'b.example'], true, ['Host', 'b.example']],
    ['no name at all', [...PSEUDO.slice(0, 4), ...PSEUDO.slice(6)], true, []],
  ];
  for (const [name, raw, ends, fields] of table) {
    const head = readHttp2Head(raw, ends);
    assert.ok(typeof head !== 'string', name);
    assert.deepEqual([head.method, head.path, head.fields, head.protocol], ['GET', '/x?y', fields, undefined], name);
  }
});

test('a WebSocket is a GET, whose body is not one', () => {
  const raw = [':method', 'CONNECT', ':protocol', 'websocket', ...PSEUDO.slice(2)];
  const head = readHttp2Head(raw, false);
  assert.ok(typeof head !== 'string');
  assert.deepEqual([head.method, head.protocol, head.fields], ['GET', 'websocket', ['Host', 'a.example']]);
});

test('what HTTP/2 allows and nobody here understands has a name', () => {
  const table: [raw: string[], fault: string][] = [
    [[':method', 'CONNECT', ':authority', 'a.example:443'], 'http-connect-method'],
    [[':method', 'CONNECT', ':protocol', 'connect-udp', ...PSEUDO.slice(2)], 'http2-protocol-unknown'],
    [[':method', 'GET', ':protocol', 'websocket', ...PSEUDO.slice(2)], 'http2-protocol-unknown'],
    [[':method', 'FROB', ...PSEUDO.slice(2)], 'http-malformed'],
    [[':method', 'GET', ':scheme', 'http', ...PSEUDO.slice(4)], 'http2-scheme'],
    [PSEUDO.slice(0, 6), 'http-malformed'],
  ];
  for (const [raw, fault] of table) assert.equal(readHttp2Head(raw, true), fault, raw.join(' '));
});

test('the size is what SETTINGS_MAX_HEADER_LIST_SIZE counts', () => {
  const head = readHttp2Head([...PSEUDO, 'ab', 'cde'], true);
  assert.ok(typeof head !== 'string');
  assert.equal(head.sizeBytes, PSEUDO.join('').length + 5 + 5 * 32);
});
