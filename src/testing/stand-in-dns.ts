/** The name servers of the world, in one: a resolver to who asks for recursion, else the servers of zones that delegate. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Answer, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';
import { DomainLookup } from '../io/dns/domain-lookup.ts';

export interface StandInDelegation {
  readonly nameservers: readonly string[];
  /** Addresses by name. */
  readonly glue: Readonly<Record<string, readonly string[]>>;
}

export class StandInDns {
  /** Values by `name TYPE`, as a resolver finds them. */
  readonly records = new Map<string, readonly string[]>();
  /** By zone. */
  readonly delegations = new Map<string, StandInDelegation>();
  /** Asked over UDP it says that the answer is too large. */
  isLarge = false;
  /** What it answers in place of everything. */
  failure: 'SERVFAIL' | undefined;
  readonly asked: string[] = [];
  readonly port: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.port = port;
    this.#stop = stop;
  }

  static async start(): Promise<StandInDns> {
    let dns: StandInDns | undefined;
    const tcp = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => {
        const answer = dns?.answer(bytes.subarray(2), false) ?? Buffer.alloc(0);
        const head = Buffer.alloc(2);
        head.writeUInt16BE(answer.length);
        socket.end(Buffer.concat([head, answer]));
      });
    });
    const [udp, port] = await bindBoth(tcp);
    udp.on('message', (bytes, from) => {
      const answer = dns?.answer(bytes, true);
      if (answer) udp.send(answer, from.port, from.address);
    });
    dns = new StandInDns(port, async () => {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    });
    return dns;
  }

  /** Asks this one for everything. */
  lookup(): DomainLookup {
    return new DomainLookup({
      resolvers: () => [`127.0.0.1:${this.port}`],
      serverPort: this.port,
      allowPrivate: true,
    });
  }

  answer(bytes: Buffer, isUdp: boolean): Buffer | undefined {
    const query = decode(bytes);
    const [question] = query.questions ?? [];
    if (!question) return undefined;
    this.asked.push(`${question.name} ${question.type}`);
    const id = query.id ?? 0;
    const head = { id, type: 'response' as const, questions: [question] };
    if (this.failure) return encode({ ...head, flags: 2 });
    if (isUdp && this.isLarge) return encode({ ...head, flags: TRUNCATED_RESPONSE });
    const wantsRecursion = ((query.flags ?? 0) & 0x0100) !== 0;
    return encode({ ...head, ...(wantsRecursion ? this.#resolved(question) : this.#referral(question)) });
  }

  #resolved({ name, type }: { readonly name: string; readonly type: string }): Partial<Packet> {
    const aliases = this.records.get(`${name} CNAME`) ?? [];
    if (type !== 'CNAME' && aliases[0] !== undefined) {
      const behind = this.#resolved({ name: aliases[0], type });
      return { answers: [recordOf(name, 'CNAME', aliases[0]), ...(behind.answers ?? [])] };
    }
    return { answers: (this.records.get(`${name} ${type}`) ?? []).map((value) => recordOf(name, type, value)) };
  }

  #referral({ name }: { readonly name: string }): Partial<Packet> {
    for (const [zone, { nameservers, glue }] of this.delegations)
      if (name === zone || name.endsWith(`.${zone}`))
        return {
          authorities: nameservers.map((server) => recordOf(zone, 'NS', server)),
          additionals: Object.entries(glue).flatMap(([server, addresses]) =>
            addresses.map((address) => recordOf(server, address.includes(':') ? 'AAAA' : 'A', address)),
          ),
        };
    return {};
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}

/** UDP and TCP at one port. */
async function bindBoth(tcp: ReturnType<typeof createServer>): Promise<[UdpSocket, number]> {
  for (;;) {
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    // Somebody may have that port for TCP.
    const isBound = await new Promise<boolean>((done) => {
      tcp.once('error', () => done(false));
      tcp.listen(port, '127.0.0.1', () => done(true));
    });
    if (isBound) return [udp, port];
    udp.close();
  }
}

function recordOf(name: string, type: string, value: string): Answer {
  return { name, type, ttl: 60, data: value } as Answer;
}
