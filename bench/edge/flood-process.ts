/** Somebody who means harm, on addresses of their own: connections without end, and requests that never come to theirs. */
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { answerCalls } from '../../test/lab/calls.ts';

export interface FloodOptions {
  readonly port: number;
  readonly host: string;
}

/** Addresses of the attacker: a small botnet. */
const ADDRESSES = 32;
/** Connections that are opened in one turn; the next follow as these are there or refused. */
const OPENING_AT_ONCE = 200;
/** A flood opens, and lets go after this: more would only be refused. */
const HELD_MS = 200;
/** Slow requests at once, as far as they are let, and how often each says one more byte. */
const SLOW_CONNECTIONS = 2_000;
const SLOW_BYTE_MS = 500;

let isOn = false;
const open = new Set<Socket>();

const addressOf = (index: number): string => `127.9.0.${1 + (index % ADDRESSES)}`;

function keep(socket: Socket): void {
  open.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => open.delete(socket));
}

/** Connections of TCP one after the other as fast as it goes, and TLS begun in every other one. */
function floodFrom(addresses: number, { port, host }: FloodOptions): void {
  isOn = true;
  let index = 0;
  const next = (): void => {
    if (!isOn) return;
    const socket = connect({ host: '127.0.0.1', port, localAddress: addressOf(index++ % addresses) });
    keep(socket);
    if (index % 2 === 0)
      tlsConnect({ socket, servername: host, rejectUnauthorized: false }).on('error', () => undefined);
    socket.once('close', () => setImmediate(next));
    setTimeout(() => socket.destroy(), HELD_MS);
  };
  for (let i = 0; i < OPENING_AT_ONCE; i++) next();
}

answerCalls({
  connections: (given: unknown): void => floodFrom(ADDRESSES, given as FloodOptions),

  /** All of one client. */
  connectionsOfOne: (given: unknown): void => floodFrom(1, given as FloodOptions),

  /** Requests whose heads come a byte at a time. */
  slowRequests(given: unknown): void {
    const { port, host } = given as FloodOptions;
    isOn = true;
    let index = 0;
    const next = (): void => {
      if (!isOn || open.size > SLOW_CONNECTIONS) return;
      const localAddress = addressOf(index++);
      const secure = tlsConnect({
        host: '127.0.0.1',
        port,
        localAddress,
        servername: host,
        rejectUnauthorized: false,
      } as never);
      keep(secure);
      secure.once('secureConnect', () => {
        secure.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
        const dripping = setInterval(() => secure.write('a'), SLOW_BYTE_MS);
        secure.once('close', () => clearInterval(dripping));
        next();
      });
      secure.once('close', () => setImmediate(next));
    };
    for (let i = 0; i < OPENING_AT_ONCE / 4; i++) next();
  },

  /** Gives how many connections were open. */
  stop(): number {
    isOn = false;
    const count = open.size;
    for (const socket of open) socket.destroy();
    return count;
  },
});
