import { type LookupAddress, lookup } from 'node:dns';
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { addressesInTurn } from './addresses-in-turn.ts';
import { BACKEND_KEEP_ALIVE_MS, DIAL_NEXT_ADDRESS_MS, MAXIMUM_DIALLED_ADDRESSES } from './backend-dial-constants.ts';

/** Why a backend was not reached: it refused, or nothing answered in time (unreachable hosts and unknown names too). */
export type BackendRefusal = 'refused' | 'no-answer';

export interface BackendAnswer {
  connected(socket: Socket): void;
  failed(refusal: BackendRefusal, code: string): void;
}

/** Where a backend is: a name or an address with a port, or the path of a unix socket. */
export interface BackendPlace {
  readonly host: string;
  readonly port: number;
  readonly transport?: 'unix' | undefined;
}

/** A dial that can be given up: then there is no answer. */
export interface BackendAttempt {
  destroy(): void;
}

/** What of the machine a dial uses. */
export interface DialPorts {
  addresses(
    host: string,
    found: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
  ): void;
  connect(to: { readonly path: string } | { readonly host: string; readonly port: number }): Socket;
}

/** A backend whose machine is gone says nothing more: it is asked now and then, whatever is spoken. */
const SOCKET = { noDelay: true, allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: BACKEND_KEEP_ALIVE_MS };

const MACHINE: DialPorts = {
  addresses: (host, found) => lookup(host, { all: true, order: 'verbatim' }, (error, all) => found(error, all ?? [])),
  connect: (to) => connect({ ...to, ...SOCKET } as NetConnectOpts),
};

/**
 * Opens a connection; exactly one of the two answers is given. A name is looked up now, whatever it led to before; where
 * it has several addresses the next one is tried beside those that have not answered yet, and the first that does is
 * taken (RFC 8305 section 5).
 */
export function dialBackend(
  { host, port, transport }: BackendPlace,
  timeoutMs: number,
  answer: BackendAnswer,
  ports: DialPorts = MACHINE,
): BackendAttempt {
  const dial = new Dial(ports, timeoutMs, answer);
  if (transport === 'unix') dial.begin([{ path: host }]);
  else if (isIP(host)) dial.begin([{ host, port }]);
  else
    ports.addresses(host, (error, all) => {
      if (error) return dial.failed(error);
      const addresses = addressesInTurn(all).slice(0, MAXIMUM_DIALLED_ADDRESSES);
      dial.begin(addresses.map((address) => ({ host: address, port })));
    });
  return dial;
}

type Place = Parameters<DialPorts['connect']>[0];

class Dial implements BackendAttempt {
  readonly #ports: DialPorts;
  readonly #answer: BackendAnswer;
  readonly #late: NodeJS.Timeout;
  readonly #open = new Set<Socket>();
  #left: Place[] = [];
  #next: NodeJS.Timeout | undefined;
  #isOver = false;
  /** What to tell when the last one has failed: a refusal, wherever it came from, is the better news. */
  #failure: NodeJS.ErrnoException | undefined;

  constructor(ports: DialPorts, timeoutMs: number, answer: BackendAnswer) {
    this.#ports = ports;
    this.#answer = answer;
    this.#late = setTimeout(() => this.failed(new NoAnswer()), timeoutMs);
  }

  begin(places: Place[]): void {
    if (this.#isOver) return;
    this.#left = places;
    this.#try();
  }

  /** Nothing comes of it any more. */
  failed(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.destroy();
    const code = error.code ?? 'unknown';
    this.#answer.failed(isRefusal(error) ? 'refused' : 'no-answer', code);
  }

  destroy(): void {
    this.#isOver = true;
    clearTimeout(this.#late);
    clearTimeout(this.#next);
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  #try(): void {
    clearTimeout(this.#next);
    const place = this.#left.shift();
    if (!place) {
      if (this.#open.size === 0) this.failed(this.#failure ?? new NoAddress());
      return;
    }
    if (this.#left.length > 0) this.#next = setTimeout(() => this.#try(), DIAL_NEXT_ADDRESS_MS);
    const socket = this.#ports.connect(place);
    this.#open.add(socket);
    const refused = (error: NodeJS.ErrnoException): void => {
      this.#open.delete(socket);
      if (this.#isOver) return;
      if (!this.#failure || isRefusal(error)) this.#failure = error;
      this.#try();
    };
    socket.once('error', refused);
    socket.once('connect', () => {
      if (this.#isOver) return;
      this.#open.delete(socket);
      this.destroy();
      socket.off('error', refused);
      // From here on the owner listens; until it does, an error must not be fatal.
      socket.on('error', () => undefined);
      this.#answer.connected(socket);
    });
  }
}

/** A socket that nobody listens on, or that is not there, refuses as a port does. */
function isRefusal({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ENOENT';
}

class NoAnswer extends Error {
  readonly code = 'ETIMEDOUT';
}

class NoAddress extends Error {
  readonly code = 'ENOTFOUND';
}
