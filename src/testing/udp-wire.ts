/** A wire between a node and another's UDP port that a test can cut: nothing passes, and nobody is told. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export class UdpWire {
  readonly #near: Socket;
  readonly #to: number;
  readonly #far = new Map<string, Socket>();
  isCut = false;

  /** Leads to a port of 127.0.0.1. */
  static async to(port: number): Promise<UdpWire> {
    const near = createSocket('udp4');
    near.bind(0, '127.0.0.1');
    await once(near, 'listening');
    return new UdpWire(near, port);
  }

  private constructor(near: Socket, to: number) {
    this.#near = near;
    this.#to = to;
    near.on('message', (bytes, from) => {
      if (!this.isCut) this.#farOf(from.address, from.port).send(bytes, this.#to, '127.0.0.1');
    });
  }

  get port(): number {
    return this.#near.address().port;
  }

  close(): void {
    this.#near.close();
    for (const far of this.#far.values()) far.close();
  }

  /** Each sender has a socket of its own at the far end, as behind a NAT. */
  #farOf(address: string, port: number): Socket {
    const key = `${address} ${port}`;
    const known = this.#far.get(key);
    if (known) return known;
    const far = createSocket('udp4');
    far.on('message', (bytes) => {
      if (!this.isCut) this.#near.send(bytes, port, address);
    });
    this.#far.set(key, far);
    return far;
  }
}
