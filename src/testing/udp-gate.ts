/** A network that lets UDP through, or does not: stands before a server, and gives each client a socket of its own. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export class UdpGate {
  /** Whether datagrams pass; they vanish otherwise, as a firewall that drops makes them. */
  isOpen = false;
  /** Datagrams that vanished. */
  swallowed = 0;
  /** Datagrams that passed. */
  passed = 0;
  readonly #serverPort: number;
  readonly #front: Socket;
  readonly #backs = new Map<number, Socket>();

  static async start(serverPort: number): Promise<UdpGate> {
    const front = createSocket('udp4');
    front.bind(0, '127.0.0.1');
    await once(front, 'listening');
    return new UdpGate(serverPort, front);
  }

  private constructor(serverPort: number, front: Socket) {
    this.#serverPort = serverPort;
    this.#front = front;
    front.on('message', (bytes, { port }) => {
      if (this.#passes()) this.#backOf(port).send(bytes, this.#serverPort, '127.0.0.1');
    });
  }

  get port(): number {
    return this.#front.address().port;
  }

  stop(): void {
    this.#front.close();
    for (const back of this.#backs.values()) back.close();
  }

  #backOf(clientPort: number): Socket {
    const known = this.#backs.get(clientPort);
    if (known) return known;
    const back = createSocket('udp4');
    back.on('message', (bytes) => {
      if (this.#passes()) this.#front.send(bytes, clientPort, '127.0.0.1');
    });
    this.#backs.set(clientPort, back);
    return back;
  }

  #passes(): boolean {
    if (this.isOpen) this.passed++;
    else this.swallowed++;
    return this.isOpen;
  }
}
