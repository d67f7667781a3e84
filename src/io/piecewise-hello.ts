import type { Socket } from 'node:net';
import { HELLO_PIECE_BYTES } from './tls-constants.ts';

/**
 * Has what was put back into a connection read again in pieces. Node's TLS keeps what comes in a ring of buffers that
 * only grows: a first one of 1 KiB, and when that is full one of 16 KiB that stays for as long as the connection. Each
 * piece is consumed before the next, so a ClientHello of 2 KiB in pieces leaves the ring as it began.
 */
export function readInPieces(socket: Socket): void {
  if (socket.readableLength <= HELLO_PIECE_BYTES) return;
  const read = socket.read;
  socket.read = (size?: number): unknown => {
    const left = socket.readableLength;
    if (size === undefined && left > HELLO_PIECE_BYTES) return read.call(socket, HELLO_PIECE_BYTES);
    socket.read = read;
    return read.call(socket, size);
  };
}
