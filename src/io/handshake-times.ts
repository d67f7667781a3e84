import { type SecureContext, type Server, TLSSocket } from 'node:tls';
import type { Clock } from '../base/index.ts';

type SniCallback = (this: unknown, name: string, done: (error: Error | null, context?: SecureContext) => void) => void;

/**
 * Measures round trips to clients by the TLS handshakes that they make anyway. When the certificate was chosen OpenSSL
 * writes the server's flight at once, own cryptography included; the client's last message comes one round trip later,
 * in TLS 1.3 and 1.2. So the time between the two is the round trip and the client's own work. A resumed session chooses
 * no certificate and is not measured; every client begins with one that does.
 */
export class HandshakeTimes {
  readonly #clock: Clock;
  readonly #measured: (address: string, rttMs: number) => void;
  readonly #flightSentMs = new WeakMap<TLSSocket, number>();

  constructor(clock: Clock, measured: (address: string, rttMs: number) => void) {
    this.#clock = clock;
    this.#measured = measured;
  }

  /** Chooses certificates, and notes when the flight behind the choice went out. Node calls it on the connection. */
  sniCallback(contextFor: (name: string) => SecureContext): SniCallback {
    const noteFlight = (socket: unknown): void => {
      if (socket instanceof TLSSocket) this.#flightSentMs.set(socket, this.#clock.nowMs());
    };
    return function choose(name, done) {
      done(null, contextFor(name));
      noteFlight(this);
    };
  }

  watch(server: Server): void {
    server.on('secureConnection', (socket) => {
      const sentMs = this.#flightSentMs.get(socket);
      if (sentMs !== undefined && socket.remoteAddress)
        this.#measured(socket.remoteAddress, this.#clock.nowMs() - sentMs);
    });
  }
}
