import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool } from 'pg';
import { createLog } from '../log.ts';
import { openPool } from './postgres-pool.ts';
import { readPostgresUrl } from './postgres-url.ts';

test('a connection that is lost tells the log nothing of the client that had it', async (t) => {
  const on = t.mock.method(Pool.prototype, 'on');
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const pool = openPool(readPostgresUrl('postgres://user@localhost/manis'), (error) => log.debug('lost', { error }));
  const [, listener] = on.mock.calls.find(({ arguments: [event] }) => event === 'error')?.arguments ?? [];
  const client = { processID: 7, secretKey: 'cancels-statements' };
  (listener as (error: Error) => void)(Object.assign(new Error('Connection terminated'), { client }));
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /store-unavailable/);
  assert.doesNotMatch(lines[0] ?? '', /cancels-statements/);
  await pool.end();
});
