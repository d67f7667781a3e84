import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Carries bytes between a tunnel stream and a socket or another one, both ways, with back-pressure and half-close. An end that breaks
 * breaks the other (a reset stays a reset); an end that finishes finishes the other after its last byte.
 */
export function join(tunnel: Duplex, socket: Duplex): void {
  tunnel.pipe(socket);
  socket.pipe(tunnel);
  tunnel.on('error', () => reset(socket));
  socket.on('error', () => tunnel.destroy());
  tunnel.on('close', () => {
    if (!tunnel.writableFinished || !tunnel.readableEnded) reset(socket);
  });
  socket.on('close', () => {
    if (!socket.writableFinished || !socket.readableEnded) tunnel.destroy();
  });
}

function reset(socket: Duplex): void {
  if (socket.destroyed) return;
  // A tunnel stream that is destroyed before its end is reset.
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  // RST where the socket has one to send: a truncated stream must not look finished. A unix socket has no address and no RST.
  if (socket.pending || socket.connecting || socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
