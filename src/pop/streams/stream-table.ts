import { HostTable } from '../../core/routing/index.ts';
import type { PublishedStream } from '../published-policies.ts';

/** A port that resources want, and what is done with what comes in there. */
export interface WantedPort {
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  /** `tls`: the name that a client asks for says which resource it is. */
  readonly kind: 'tcp' | 'udp' | 'tls';
}

export interface AtPort {
  readonly resource: PublishedStream;
  /** Of a range of ports, which one. */
  readonly offset: number;
}

/** Which resource has which port and which name. Control sees to it that no two want the same; if they did, one has it. */
export class StreamTable {
  readonly wanted: readonly WantedPort[];
  readonly #ports = new Map<string, AtPort>();
  readonly #names = new Map<number, { readonly hosts: HostTable<PublishedStream>; readonly all: PublishedStream[] }>();
  readonly #shared = new HostTable<PublishedStream>();
  #sharedCount = 0;

  constructor(streams: Iterable<PublishedStream>) {
    const wanted = new Map<string, WantedPort>();
    for (const resource of streams) if (resource.record.enabled) this.#add(resource, wanted);
    this.wanted = [...wanted.values()];
  }

  /** Who has a port for bytes or datagrams as they are. */
  at(transport: 'tcp' | 'udp', port: number): AtPort | undefined {
    return this.#ports.get(`${transport}/${port}`);
  }

  /** Who has a name on a port of its own. */
  named(port: number, serverName: string): PublishedStream | undefined {
    return this.#names.get(port)?.hosts.find(serverName);
  }

  /** All that share a port of their own by their names. */
  atNames(port: number): readonly PublishedStream[] {
    return this.#names.get(port)?.all ?? [];
  }

  /** Who has a name on the port that browsers use. */
  shared(serverName: string): PublishedStream | undefined {
    return this.#sharedCount === 0 ? undefined : this.#shared.find(serverName);
  }

  get hasShared(): boolean {
    return this.#sharedCount > 0;
  }

  #add(resource: PublishedStream, wanted: Map<string, WantedPort>): void {
    const { listen, host } = resource.record;
    if (listen.transport === 'tls') return void this.#addName(resource, host ?? '', listen.port, wanted);
    const { transport, first, last } = listen;
    for (let port = first; port <= last; port++) {
      const key = `${transport}/${port}`;
      if (wanted.has(key)) continue;
      wanted.set(key, { transport, port, kind: transport });
      this.#ports.set(key, { resource, offset: port - first });
    }
  }

  #addName(resource: PublishedStream, host: string, port: number | undefined, wanted: Map<string, WantedPort>): void {
    if (port === undefined) {
      if (this.#shared.add(host, resource) === undefined) this.#sharedCount++;
      return;
    }
    const key = `tcp/${port}`;
    if (wanted.get(key)?.kind === 'tcp') return;
    wanted.set(key, { transport: 'tcp', port, kind: 'tls' });
    const names = this.#names.get(port) ?? { hosts: new HostTable<PublishedStream>(), all: [] };
    this.#names.set(port, names);
    if (names.hosts.add(host, resource) === undefined) names.all.push(resource);
  }
}
