import { concat, type Endpoint, type Random } from '../../base/index.ts';
import { EPHEMERAL_PORT_FIRST, EPHEMERAL_PORT_LAST } from './constants.ts';
import { SipHash } from './siphash.ts';

const KEY_BYTES = 16;

/** Numbers that strangers must not guess: initial sequence numbers, timestamp offsets, ephemeral ports. */
export class ConnectionSecrets {
  readonly #sequenceHash: SipHash;
  readonly #timestampHash: SipHash;
  readonly #portHash: SipHash;
  #portCount = 0;

  constructor(random: Random) {
    this.#sequenceHash = new SipHash(random.bytes(KEY_BYTES));
    this.#timestampHash = new SipHash(random.bytes(KEY_BYTES));
    this.#portHash = new SipHash(random.bytes(KEY_BYTES));
  }

  /** ISN = M + F(connection, secret), M a clock of 4 us ticks (RFC 6528 section 3). */
  initialSequence(local: Endpoint, remote: Endpoint, nowMs: number): number {
    const [low] = this.#sequenceHash.hash(tuple(local, remote));
    return (low + Math.floor(nowMs * 250)) | 0;
  }

  /** One offset for two hosts, so that a connection after TIME-WAIT continues the clock (RFC 7323 section 5.4). */
  timestampOffset(local: Endpoint, remote: Endpoint): number {
    const [low] = this.#timestampHash.hash(concat(local.address.bytes, remote.address.bytes));
    return low;
  }

  /** The first free port from a hashed start on (RFC 6056 section 3.3.3), or undefined when all are taken. */
  ephemeralPort(local: Endpoint, remote: Endpoint, isFree: (port: number) => boolean): number | undefined {
    const range = EPHEMERAL_PORT_LAST - EPHEMERAL_PORT_FIRST + 1;
    const [low] = this.#portHash.hash(tuple(local, remote));
    for (let tries = 0; tries < range; tries++) {
      const port = EPHEMERAL_PORT_FIRST + (((low >>> 0) + this.#portCount++) % range);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}

function tuple(local: Endpoint, remote: Endpoint): Uint8Array {
  const ports = Uint8Array.of(local.port >>> 8, local.port & 0xff, remote.port >>> 8, remote.port & 0xff);
  return concat(local.address.bytes, remote.address.bytes, ports);
}
