import assert from 'node:assert/strict';
import { parseEndpoint } from '../../../src/base/index.ts';
import { type ProxyHeader, readProxyHeader, writeProxyHeader } from '../../../src/core/proxy-protocol/index.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

function header(source: string, destination: string, transport: 'stream' | 'datagram' = 'stream'): ProxyHeader {
  const [from, to] = [parseEndpoint(source), parseEndpoint(destination)];
  assert.ok(from && to);
  return { kind: 'proxied', transport, source: from, destination: to };
}

const HEADERS = [
  header('192.0.2.1:1234', '198.51.100.7:443'),
  header('[2001:db8::1]:1234', '[2001:db8::2]:443'),
  header('192.0.2.1:53', '198.51.100.7:53', 'datagram'),
  { kind: 'local' },
  { kind: 'unknown' },
] as const satisfies readonly ProxyHeader[];

const isWritten = (version: 1 | 2, { kind, ...rest }: ProxyHeader): boolean =>
  version === 2 || (kind !== 'local' && (rest as { transport?: string }).transport !== 'datagram');

/** What is read is what is written, and what follows a header does not change it. */
export const proxyProtocol: FuzzTarget = {
  name: 'PROXY protocol',
  seeds: ([1, 2] as const).flatMap((version) =>
    HEADERS.filter((one) => isWritten(version, one)).map((one) => writeProxyHeader(version, one)),
  ),
  words: ['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', '\r\n', '\r\n\r\n\0\r\nQUIT\n', '65535', '0', '::ffff:1.2.3.4'].map(
    latin1,
  ),
  run(input) {
    const read = readProxyHeader(input);
    if (read.kind === 'incomplete') assert.ok(read.atLeastBytes > input.length && read.atLeastBytes < 70_000);
    if (read.kind !== 'header') return;
    assert.ok(read.length > 0 && read.length <= input.length);
    assert.deepEqual(readProxyHeader(input.subarray(0, read.length)), read);
    assert.notEqual(readProxyHeader(input.subarray(0, read.length - 1)).kind, 'header');
    const again = readProxyHeader(writeProxyHeader(2, read.header));
    assert.deepEqual(again.kind === 'header' && again.header, read.header);
  },
};
