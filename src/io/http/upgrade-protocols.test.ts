import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passesUpgrade } from './upgrade-protocols.ts';

const TABLE: readonly (readonly [headers: Record<string, string>, passes: boolean])[] = [
  [{ upgrade: 'websocket' }, true],
  [{ upgrade: 'WebSocket' }, true],
  [{ upgrade: 'SPDY/3.1' }, true],
  [{ upgrade: 'tcp' }, true],
  [{ upgrade: 'tcp', 'content-length': '0' }, true],
  [{}, false],
  [{ upgrade: '' }, false],
  [{ upgrade: 'h2c' }, false],
  [{ upgrade: 'H2C' }, false],
  [{ upgrade: 'h2' }, false],
  [{ upgrade: 'h3' }, false],
  [{ upgrade: 'HTTP/2.0' }, false],
  [{ upgrade: 'TLS/1.2' }, false],
  [{ upgrade: 'tcp, h2c' }, false],
  [{ upgrade: 'a b' }, false],
  [{ upgrade: 'a/b/c' }, false],
  [{ upgrade: 'tcp', 'content-length': '5' }, false],
  [{ upgrade: 'tcp', 'transfer-encoding': 'chunked' }, false],
];

for (const [headers, passes] of TABLE)
  test(`an Upgrade is ${passes ? 'passed on' : 'passed by'}: ${JSON.stringify(headers)}`, () =>
    assert.equal(passesUpgrade({ headers }), passes));
