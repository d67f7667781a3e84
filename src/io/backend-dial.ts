import { connect, type Socket } from 'node:net';

/** Why a backend was not reached: it refused, or nothing answered in time (unreachable hosts and unknown names too). */
export type BackendRefusal = 'refused' | 'no-answer';

export interface BackendAnswer {
  connected(socket: Socket): void;
  failed(refusal: BackendRefusal, code: string): void;
}

/**
 * Opens a TCP connection; exactly one of the two answers is given. Returns the socket, to be destroyed if it is no longer
 * wanted: then there is no answer.
 */
export function dialBackend(host: string, port: number, timeoutMs: number, answer: BackendAnswer): Socket {
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
  const timer = setTimeout(() => socket.destroy(new NoAnswer()), timeoutMs);
  const failed = (error: NodeJS.ErrnoException): void => {
    const code = error.code ?? 'unknown';
    answer.failed(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'no-answer', code);
  };
  socket.once('error', failed);
  socket.once('close', () => clearTimeout(timer));
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.off('error', failed);
    // From here on the owner listens; until it does, an error must not be fatal.
    socket.on('error', () => undefined);
    answer.connected(socket);
  });
  return socket;
}

class NoAnswer extends Error {
  readonly code = 'ETIMEDOUT';
}
