/** Control nodes over one PostgreSQL of the test's own, with PoPs linked to each. */
import { ControlWorld, type PopWorld } from '../../src/testing/control-world.ts';
import { PostgresServer } from './postgres-server.ts';

export class ControlNodes {
  readonly server: PostgresServer;
  readonly #worlds: ControlWorld[] = [];

  static async start(): Promise<ControlNodes> {
    return new ControlNodes(await PostgresServer.start());
  }

  private constructor(server: PostgresServer) {
    this.server = server;
  }

  async end(): Promise<void> {
    await Promise.all(this.#worlds.map((world) => world.end()));
    await this.server.remove();
  }

  /** One that is not started yet. */
  newWorld(): ControlWorld {
    const world = new ControlWorld();
    this.#worlds.push(world);
    return world;
  }

  /** Nodes that start at the same time on an empty database. */
  async startNodes(count: number): Promise<{ nodes: ControlWorld[]; database: string }> {
    const database = await this.server.createDatabase();
    const nodes = Array.from({ length: count }, () => this.newWorld());
    await Promise.all(nodes.map((world) => world.start({ store: { url: this.server.url(database) } })));
    return { nodes, database };
  }
}

/** PoPs, until each node has one. */
export async function popOnEach(nodes: readonly ControlWorld[]): Promise<PopWorld[]> {
  const byNode = new Map<string, PopWorld>();
  for (let i = 0; byNode.size < nodes.length; i++) {
    const pop = await (nodes[0] as ControlWorld).addPop(`pop-${i}`);
    byNode.set(pop.link?.controlId ?? '', pop);
  }
  return nodes.map(({ control }) => byNode.get(control.controlId) as PopWorld);
}
