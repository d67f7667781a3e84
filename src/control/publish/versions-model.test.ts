/**
 * heavy: a model of what may happen to versions: two control nodes over one store, three PoPs, and in any order changes,
 * revocations, links that come and go, crashes of PoPs and nodes, and stores that are set back to an older copy. PoPs
 * never go back, and when all is quiet they hold what the store says, and every revocation that anybody was told of.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import {
  type ApplyResult,
  applyDelta,
  applySnapshot,
  compareVersions,
  type SnapshotState,
  sameVersion,
} from '../../core/link/index.ts';
import { type Revocation, RevocationTable } from '../../core/session/index.ts';
import { createClock } from '../../io/clock.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import { createLog } from '../../io/log.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import {
  insertOrganisation,
  insertRevocation,
  insertSite,
  openSqliteStore,
  putControlNode,
  readCounters,
  revocationsAfter,
  type Store,
} from '../../io/store/index.ts';
import { organisationRow } from '../../testing/store-rows.ts';
import { EpochGuard } from '../epoch-guard.ts';
import { type ControlKeys, openKeys } from '../keys.ts';
import { Publisher } from './publisher.ts';

const crypto = new NodeSessionCrypto();
const signing = createSigningPort(crypto);
const clock = createClock();
const random = createRandom();
const log = createLog({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'manis-versions-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const FAR_UNIX_MS = 253_402_300_799_000;
let worlds = 0;

interface Held {
  readonly state: SnapshotState | null;
  readonly revocations: RevocationTable;
}

/** A PoP: what it holds, and what of that is on its disk. */
class Pop {
  readonly id: string;
  state: SnapshotState | null = null;
  revocations = new RevocationTable();
  #disk: Held = { state: null, revocations: new RevocationTable() };

  constructor(id: string) {
    this.id = id;
  }

  save(): void {
    this.#disk = { state: this.state, revocations: copyOf(this.revocations) };
  }

  crash(): void {
    this.state = this.#disk.state;
    this.revocations = copyOf(this.#disk.revocations);
  }

  /** One link: the state, the whole where it did not fit, then revocations. */
  async link(node: Node, store: Store): Promise<void> {
    if (!this.#apply(node, this.state?.version ?? null)) this.#apply(node, null);
    await this.hear(node, store);
  }

  /** Revocations go ahead of the rest, and to links that are open before anything is published. */
  async hear(node: Node, store: Store): Promise<void> {
    const { position } = this.revocations;
    const { epoch } = await readCounters(store.database);
    const from = position.epoch === epoch ? position.sequence : 0;
    const found = await revocationsAfter(store.database, from, clock.unixMs());
    const revocations = found.entries.map((entry) => JSON.parse(entry) as Revocation);
    node.guard.revoked(found.position);
    this.revocations.merge({ position: found.position, revocations, folded: [] });
  }

  #apply(node: Node, have: SnapshotState['version'] | null): boolean {
    const message = node.publisher.messageFor(this.id, have);
    if (!message) return true;
    const context = { rootKey: node.keys.rootKey, popId: this.id, unixMs: clock.unixMs(), port: signing };
    let result: ApplyResult;
    if (message.type === 'snapshot') result = applySnapshot(this.state, message, context);
    else if (this.state) result = applyDelta(this.state, message, context);
    else return false;
    if (!result.ok) return false;
    const before = this.state;
    assert.ok(!before || compareVersions(result.state.version, before.version) >= 0, 'a PoP never goes back');
    this.state = result.state;
    return true;
  }
}

function copyOf(table: RevocationTable): RevocationTable {
  const copy = new RevocationTable();
  copy.merge(structuredClone(table.state()));
  return copy;
}

interface Node {
  readonly keys: ControlKeys;
  readonly publisher: Publisher;
  readonly guard: EpochGuard;
}

/** Two nodes and three PoPs over a store that can be set back. */
class World {
  readonly place = join(folder, `world-${worlds++}`);
  readonly pops = ['a', 'b', 'c'].map((id) => new Pop(id));
  readonly nodes: Node[] = [];
  store!: Store;
  #count = 0;
  #hasCopy = false;

  /** `isAtOnce`: both nodes find out together that the store is an older one, and want to begin an epoch. */
  async open(isAtOnce = false): Promise<void> {
    this.store = await openSqliteStore({ dataDir: this.place, nowUnixMs: 1 });
    if (isAtOnce) await Promise.all([0, 1].map((which) => this.startNode(which)));
    else for (const which of [0, 1]) await this.startNode(which);
  }

  async close(): Promise<void> {
    for (const node of this.nodes) {
      await node.publisher.stop();
      await node.guard.settled();
    }
    await this.store.close();
  }

  /** Each node has a folder, and so a mark and a key, of its own. */
  async startNode(which: number): Promise<void> {
    const old = this.nodes[which];
    await old?.publisher.stop();
    await old?.guard.settled();
    const dataDir = join(this.place, `node-${which}`);
    mkdirSync(dataDir, { recursive: true });
    const guard = new EpochGuard(dataDir, this.store, clock, log);
    await guard.check();
    // As on a store that is shared: the second node gets a key of its own.
    const shared = Object.create(this.store, { isShared: { value: true } }) as Store;
    const keys = await openKeys({ store: shared, dataDir, crypto, clock, random });
    await this.store.publish(async (transaction) => {
      const node = { id: keys.controlId, signing_key: 'k', url: '', software: 's', started_unix_ms: 1 };
      await putControlNode(transaction, { ...node, seen_unix_ms: Date.now(), portal_host: '', public_port: 0 });
      if ((await transaction.selectFrom('organisations').select('id').execute()).length > 0) return;
      await insertOrganisation(transaction, organisationRow('org', { staleness_ms: 3_600_000 }));
    });
    const publication = { portalHost: 'manis.localhost', publicPort: 443 };
    const publisher: Publisher = new Publisher({
      ...{ store: this.store, clock, keys, signing, log, publication },
      fellBehind: () => guard.recheck(),
      published: ({ version }) => guard.published(version),
    });
    this.nodes[which] = { keys, publisher, guard };
    await publisher.publish();
  }

  async change(which: number): Promise<void> {
    const name = `site-${this.#count++}`;
    await this.store.publish((transaction) =>
      insertSite(transaction, { organisation_id: 'org_1', id: name, name, created_unix_ms: 1 }),
    );
    await this.nodes[which]?.publisher.publish();
  }

  async revoke(): Promise<void> {
    const sessionId = `session-${this.#count++}`;
    const entry: Revocation = { kind: 'session', sessionId, userId: 'u', atUnixMs: 1, expiresAtUnixMs: FAR_UNIX_MS };
    await this.store.transaction((transaction) => insertRevocation(transaction, JSON.stringify(entry), 1, FAR_UNIX_MS));
  }

  async link(pop: number, which: number): Promise<void> {
    await this.pops[pop]?.link(this.nodes[which] as Node, this.store);
  }

  async push(pop: number, which: number): Promise<void> {
    await this.pops[pop]?.hear(this.nodes[which] as Node, this.store);
  }

  /** As when PostgreSQL went over to a standby or was restored: the same rows, but perhaps without the last of them. */
  async changeLineage(which: number): Promise<void> {
    await this.store.database
      .updateTable('counters')
      .set({ lineage: `lineage-${this.#count++}` })
      .execute();
    const { guard, publisher } = this.nodes[which] as Node;
    await guard.recheck();
    await publisher.publish();
  }

  /** Both nodes look at the same time whether the store is another one, and publish. */
  async race(): Promise<void> {
    await Promise.all(this.nodes.map(({ guard }) => guard.recheck()));
    await Promise.all(this.nodes.map(({ publisher }) => publisher.publish()));
  }

  async copy(): Promise<void> {
    rmSync(this.#copy, { force: true });
    await sql.raw(`vacuum into '${this.#copy}'`).execute(this.store.database);
    this.#hasCopy = true;
  }

  /** The store is set back; every node starts on it. */
  async setBack(isAtOnce = false): Promise<void> {
    if (!this.#hasCopy) return;
    await this.close();
    copyFileSync(this.#copy, join(this.place, 'control.sqlite'));
    await this.open(isAtOnce);
  }

  get #copy(): string {
    return join(this.place, 'copy.sqlite');
  }

  /** Everybody is there and has heard of everything. */
  async settle(): Promise<void> {
    for (let round = 0; round < 2; round++)
      for (const node of this.nodes) {
        await node.publisher.publish();
        await node.guard.settled();
      }
    const [one, other] = this.nodes as [Node, Node];
    assert.equal(one.publisher.current?.hash(), other.publisher.current?.hash(), 'nodes publish the same bytes');
    for (const [i, pop] of this.pops.entries()) {
      const node = this.nodes[i % 2] as Node;
      await pop.link(node, this.store);
      assert.ok(sameVersion(pop.state?.version ?? null, node.publisher.current?.version ?? null), 'the same version');
      assert.equal(pop.state?.hash(), node.publisher.current?.hash(), 'the same records');
      const { position, entries } = await revocationsAfter(this.store.database, 0, clock.unixMs());
      assert.deepEqual(pop.revocations.position, position);
      const held = new Set(pop.revocations.state().revocations.map((entry) => JSON.stringify(entry)));
      for (const entry of entries) assert.ok(held.has(JSON.stringify(JSON.parse(entry))), `${entry} is missing`);
    }
  }
}

type Step = readonly [kind: string, pop: number, node: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    ...['change', 'change', 'revoke', 'revoke', 'link', 'link', 'link', 'push', 'push', 'save', 'crash', 'restart'],
    ...['copy', 'set back', 'set back at once', 'lineage', 'race'],
  ),
  fc.nat(2),
  fc.nat(1),
);

async function take(world: World, [kind, pop, node]: Step): Promise<void> {
  if (kind === 'change') await world.change(node);
  else if (kind === 'revoke') await world.revoke();
  else if (kind === 'link') await world.link(pop, node);
  else if (kind === 'save') world.pops[pop]?.save();
  else if (kind === 'crash') world.pops[pop]?.crash();
  else if (kind === 'restart') await world.startNode(node);
  else if (kind === 'copy') await world.copy();
  else if (kind === 'push') await world.push(pop, node);
  else if (kind === 'lineage') await world.changeLineage(node);
  else if (kind === 'race') await world.race();
  else await world.setBack(kind === 'set back at once');
}

/** A node that starts on a store set back tells of a revocation in the new epoch before it has published there. */
const TOLD_BEFORE_PUBLISHED: Step[] = [
  ['copy', 0, 0],
  ['change', 0, 1],
  ['set back', 0, 0],
  ['copy', 0, 0],
  ['revoke', 0, 0],
  ['link', 0, 0],
  ['set back', 0, 0],
  ['revoke', 0, 0],
];

test('versions: PoPs never go back, and end with what the store says', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
    const world = new World();
    await world.open();
    try {
      for (const one of steps) await take(world, one);
      await world.settle();
    } finally {
      await world.close();
      rmSync(world.place, { recursive: true, force: true });
    }
  });
  await fc.assert(property, { numRuns: 30, endOnFailure: true, examples: [[TOLD_BEFORE_PUBLISHED]] });
});
