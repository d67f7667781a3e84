/** PoPs and a connector under a virtual clock, with direct paths to be cut and relays to take over. */
import type { WireguardCrypto } from '../core/wireguard/index.ts';
import { OverlayWorld, type WorldNode } from './overlay-world.ts';
import { SeededRandom } from './seeded-random.ts';

export type Cut = 'both' | 'towards the connector' | 'from the connector';

/** PoPs in a mesh, and a connector that dials those that `attached` names; everybody may relay. */
export class OverlayMesh {
  readonly world: OverlayWorld;
  readonly pops: WorldNode[];
  readonly connector: WorldNode;
  readonly #cuts = new Set<string>();

  constructor(crypto: WireguardCrypto, seed: number, names: readonly string[], attached: readonly string[] = names) {
    this.world = new OverlayWorld(crypto, new SeededRandom(seed));
    this.world.searchesMtu = true;
    this.world.passes = (from, to) => !this.#cuts.has(`${from} ${to}`);
    this.pops = names.map((name) => this.world.add(name));
    this.connector = this.world.add('connector');
    for (const [i, pop] of this.pops.entries()) {
      for (const [j, other] of this.pops.entries()) if (i !== j) pop.knows(other, i < j);
      pop.knows(this.connector, false);
      this.connector.knows(pop, attached.includes(pop.name));
    }
    const relays = this.pops.filter(({ name }) => attached.includes(name));
    for (const pop of this.pops) {
      this.#offer(pop, this.connector, relays);
      this.#offer(this.connector, pop, relays);
    }
    this.world.run(1_000);
  }

  pop(name: string): WorldNode {
    return this.pops.find((one) => one.name === name) as WorldNode;
  }

  cut(pop: WorldNode, how: Cut = 'both'): number {
    if (how !== 'from the connector') this.#cuts.add(`${pop.name} ${this.connector.name}`);
    if (how !== 'towards the connector') this.#cuts.add(`${this.connector.name} ${pop.name}`);
    return this.world.nowMs;
  }

  mend(): void {
    this.#cuts.clear();
  }

  /** The path by which a node's packets to another travel now: `udp`, `tls`, or the name of the relay. */
  way(from: WorldNode, to: WorldNode): string | undefined {
    const tunnel = from.overlay.status(this.world.nowMs).find(({ id }) => id === to.name);
    const path = tunnel?.paths.find(({ active }) => active);
    return path && (path.via ?? path.kind);
  }

  #offer(node: WorldNode, peer: WorldNode, relays: readonly WorldNode[]): void {
    const others = relays.filter((relay) => relay !== node && relay !== peer);
    node.overlay.setRelays(
      peer.name,
      others.map(({ name }) => ({ id: name, rttMs: 20 })),
      this.world.nowMs,
    );
  }
}
