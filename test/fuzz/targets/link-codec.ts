import assert from 'node:assert/strict';
import {
  decodeConnectorToPop,
  decodeControlToPop,
  decodePopToConnector,
  decodePopToControl,
  decodePopToPop,
  decodeSiteGrant,
  decodeSnapshotHeader,
} from '../../../src/core/link/index.ts';
import { type FuzzTarget, latin1, textOf } from '../target.ts';

const DECODERS = [
  decodeConnectorToPop,
  decodeControlToPop,
  decodePopToConnector,
  decodePopToControl,
  decodePopToPop,
  decodeSiteGrant,
  decodeSnapshotHeader,
] as const;

const signed = {
  ...{ payload: '{}', keyId: 'ctl_1', signature: 's'.repeat(86) },
  delegation: { controlId: 'ctl_1', signingKey: 'a'.repeat(43), notAfterUnixMs: 9e12, signature: 's'.repeat(86) },
};
const position = { epoch: 1, sequence: 3 };
const subject = { kind: 'user', userId: 'usr_1' };
const SEEDS = [
  { type: 'ping', id: 1 },
  { type: 'snapshot', header: signed, records: [] },
  {
    type: 'delta',
    header: signed,
    put: [{ kind: 'control', id: 'c', signingKey: 'k' }],
    remove: [{ kind: 'user', id: 'u' }],
  },
  { type: 'revocations', position, entries: [{ kind: 'session', sessionId: 's', expiresAtUnixMs: 1 }] },
  { type: 'revocations', position, entries: [{ kind: 'subject', subject, beforeUnixMs: 1 }] },
  {
    siteId: 's',
    version: { epoch: 1, revision: 2 },
    pops: [],
    targets: [{ id: 't', overlayPort: 1, host: 'h', port: 80 }],
  },
];

/** A message that is taken is the same message when it is written and read again. */
export const linkCodec: FuzzTarget = {
  name: 'link messages',
  seeds: SEEDS.map((message) => latin1(JSON.stringify(message))),
  words: [
    'null',
    'true',
    '-1',
    '1e999',
    '"__proto__":',
    '"type":',
    '[[[[',
    '{"a":',
    '}',
    ']',
    ',',
    '\\u0000',
    '"records":[]',
  ].map(latin1),
  run(input) {
    const text = textOf(input);
    for (const decode of DECODERS) {
      const read = decode(text);
      if (!read.ok) assert.equal(typeof read.reason, 'string');
      else assert.deepEqual(decode(JSON.stringify(read.value)), read);
    }
  },
};
