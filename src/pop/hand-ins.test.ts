import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { CONNECTOR_BLUEPRINT_PORT, CONNECTOR_DIAGNOSIS_PORT } from '../core/link/index.ts';
import { HandIns } from './hand-ins.ts';

const DIAGNOSIS = '{"asked":0,"unixMs":1,"software":"m","findings":[],"ways":[]}';
const ENVELOPE = '{"payload":"{}","proof":"x"}';

const CASES: readonly [what: string, port: number, line: string, asked: string, status: number, answer: string][] = [
  ['a diagnosis', CONNECTOR_DIAGNOSIS_PORT, DIAGNOSIS, '/internal/v1/connector-diagnoses', 200, '{"outcome":"kept"}\n'],
  ['a blueprint', CONNECTOR_BLUEPRINT_PORT, ENVELOPE, '/internal/v1/connector-blueprints', 200, '{"outcome":"kept"}\n'],
  ['what control does not take now', CONNECTOR_DIAGNOSIS_PORT, DIAGNOSIS, '/internal/v1/connector-diagnoses', 429, ''],
  ['a blueprint at the port of diagnoses', CONNECTOR_DIAGNOSIS_PORT, ENVELOPE, '', 200, ''],
  ['something at a port of nothing', 1_000, DIAGNOSIS, '', 200, ''],
];
for (const [what, port, line, asked, status, answer] of CASES)
  test(`a connector hands in ${what}`, async () => {
    const calls: [string, unknown][] = [];
    const handIns = new HandIns({
      call: async (path: string, body: unknown) => {
        calls.push([path, body]);
        return { status, body: { outcome: 'kept' } };
      },
    } as unknown as ConstructorParameters<typeof HandIns>[0]);
    const [near, far] = duplexPair();
    handIns.accept('con_1', port, far);
    near.on('error', () => undefined).write(`${line}\n`);
    far.on('close', () => near.push(null));
    assert.equal(await text(near).catch(() => ''), answer);
    assert.deepEqual(
      calls.map(([path]) => path),
      asked === '' ? [] : [asked],
    );
    if (asked !== '') assert.equal((calls[0]?.[1] as { connectorId?: string } | undefined)?.connectorId, 'con_1');
  });
