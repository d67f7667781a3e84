import type { Socket } from 'node:net';
import { type ProxyHeader, type ProxyHeaderFault, readProxyHeader } from '../../core/proxy-protocol/index.ts';

/** What came before the first byte of a client. */
export type ProxyHeaderOutcome = ProxyHeader | ProxyHeaderFault | 'proxy-header-too-slow' | 'proxy-header-cut-off';

/**
 * Reads the PROXY header that a trusted proxy must send first, puts back what follows it, and says it: once, and in the
 * same turn, so that whoever goes on misses nothing. Nothing is said of a connection that is destroyed meanwhile. Where
 * something else came than a header, all of it is put back.
 */
export function takeProxyHeader(socket: Socket, timeoutMs: number, found: (outcome: ProxyHeaderOutcome) => void): void {
  let bytes = Buffer.alloc(0);
  const over = (): void => {
    clearTimeout(late);
    socket.off('readable', read);
    socket.off('end', ended);
    socket.off('close', over);
  };
  const tell = (outcome: ProxyHeaderOutcome): void => {
    over();
    found(outcome);
  };
  const late = setTimeout(() => tell('proxy-header-too-slow'), timeoutMs);
  const ended = (): void => tell('proxy-header-cut-off');
  const read = (): void => {
    for (let part = socket.read() as Buffer | null; part !== null; part = socket.read() as Buffer | null)
      bytes = Buffer.concat([bytes, part]);
    const header = readProxyHeader(bytes);
    if (header.kind === 'incomplete') return;
    if (header.kind === 'refused') {
      socket.unshift(bytes);
      return void tell(header.fault);
    }
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    tell(header.header);
  };
  socket.on('readable', read);
  socket.on('end', ended);
  socket.on('close', over);
}
