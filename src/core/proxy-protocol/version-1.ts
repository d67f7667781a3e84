import { type Endpoint, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { VERSION_1_MAX_BYTES } from './constants.ts';
import type { ProxyHeader, ProxyHeaderRead } from './header.ts';

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;
/** One space between words, and nothing else on the line (section 2.1). */
const LINE = /^PROXY TCP([46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})$/;

/**
 * Reads a header of version 1 (section 2.1) from bytes that begin with `PROXY `:
 *
 *     PROXY TCP4 source destination source-port destination-port CRLF
 *     PROXY UNKNOWN anything CRLF
 */
export function readVersion1(received: Uint8Array): ProxyHeaderRead {
  const bytes = received.subarray(0, VERSION_1_MAX_BYTES);
  const end = bytes.indexOf(CARRIAGE_RETURN);
  const isEnded = end >= 0 && end + 1 < bytes.length;
  const length = isEnded ? end + 2 : bytes.length + 1;
  if (length > VERSION_1_MAX_BYTES) return { kind: 'refused', fault: 'proxy-header-too-long' };
  if (!isEnded) return { kind: 'incomplete', atLeastBytes: length };
  if (bytes[end + 1] !== LINE_FEED) return { kind: 'refused', fault: 'proxy-header-malformed-line' };
  const header = readLine(String.fromCharCode(...bytes.subarray(0, end)));
  return header ? { kind: 'header', header, length } : { kind: 'refused', fault: 'proxy-header-malformed-line' };
}

function readLine(line: string): ProxyHeader | undefined {
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { kind: 'unknown' };
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, family, from, to, fromPort, toPort] = match as unknown as readonly string[];
  const version = family === '4' ? 4 : 6;
  const source = endpoint(version, from as string, fromPort as string);
  const destination = endpoint(version, to as string, toPort as string);
  return source && destination && { kind: 'proxied', transport: 'stream', source, destination };
}

function endpoint(version: 4 | 6, text: string, portText: string): Endpoint | undefined {
  const address = parseIpAddress(text);
  const port = Number(portText);
  const isPlain = port <= 65_535 && String(port) === portText;
  return address?.version === version && isPlain ? { address: unmapIpv4(address), port } : undefined;
}
