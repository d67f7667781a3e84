import { utf8 } from '../../base/index.ts';
import type { ProxyHeaderRead } from './header.ts';
import { readVersion1 } from './version-1.ts';
import { readVersion2, SIGNATURE } from './version-2.ts';

const WORD = utf8('PROXY ');

/**
 * Reads a header of either version from the first bytes of a connection or datagram. It never throws, looks at no more
 * than the longest header that is taken, and says as soon as it can that there is none: nobody has to wait for bytes
 * that would change nothing.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeaderRead {
  if (bytes.length === 0) return { kind: 'incomplete', atLeastBytes: 1 };
  if (beginsAlike(bytes, SIGNATURE)) return readVersion2(bytes);
  if (!beginsAlike(bytes, WORD)) return { kind: 'refused', fault: 'proxy-header-absent' };
  if (bytes.length < WORD.length) return { kind: 'incomplete', atLeastBytes: WORD.length };
  return readVersion1(bytes);
}

/** Whether one is the beginning of the other. */
function beginsAlike(bytes: Uint8Array, beginning: Uint8Array): boolean {
  const shared = Math.min(bytes.length, beginning.length);
  for (let at = 0; at < shared; at++) if (bytes[at] !== beginning[at]) return false;
  return true;
}
