/** The rows of the promises: what happens to a network, and what people see of it. Each is one repetition. */
import type { HostProcess } from '../../test/lab/host-process.ts';
import { download, item, pacedFor, type Stream, upload, webSocket } from '../../test/netlab/streams.ts';
import type { World, WorldPlan } from '../../test/netlab/world.ts';
import type { Outcome } from '../../test/traffic/outcome.ts';
import { detectionMs, type Excuse, NO_EXCUSE, OTHER_ADDRESS, type Sample, sampleOf, slowest } from './sample.ts';

export interface Row {
  /** Promised for the stall, in ms; rows without one promise only that nothing fails. */
  readonly targetMs?: number;
  readonly world: WorldName;
  readonly repeat: (world: World, repetition: number) => Promise<Sample>;
}

export type WorldName = 'three PoPs, one connector' | 'two PoPs, two connectors';

/** A drain of a second instead of three quarters of a minute, so that twenty of them can be measured. */
const SHORT_DRAIN = ['--drain-seconds', '1', '--stream-seconds', '4'];

export const WORLDS: Readonly<Record<WorldName, WorldPlan>> = {
  'three PoPs, one connector': { pops: 3, connectors: 1, tunnels: 2, popFlags: SHORT_DRAIN },
  'two PoPs, two connectors': { pops: 2, connectors: 2, popFlags: SHORT_DRAIN, hasDns: true },
};

const SECONDS = 3;
/** Small requests go on for so long after a fault. */
const AFTERWARDS_MS = 2_000;
const PAUSE_MS = 10;

export const ROWS = {
  tunnelSilent: { targetMs: 1_500, world: 'three PoPs, one connector', repeat: tunnelSilent },
  connectorKilled: { targetMs: 1_000, world: 'two PoPs, two connectors', repeat: connectorKilled },
  popKilled: { targetMs: 1_500, world: 'three PoPs, one connector', repeat: popKilled },
  drain: { world: 'two PoPs, two connectors', repeat: drain },
  controlGone: { world: 'two PoPs, two connectors', repeat: controlGone },
  udpBlocked: { targetMs: 5_000, world: 'three PoPs, one connector', repeat: udpBlocked },
  udpBlockedFromStart: { targetMs: 5_000, world: 'three PoPs, one connector', repeat: udpBlockedFromStart },
  revoked: { targetMs: 1_000, world: 'three PoPs, one connector', repeat: revoked },
} as const satisfies Readonly<Record<string, Row>>;

/** The tunnel between the site and the PoP that carries streams drops everything, and nobody is told. */
async function tunnelSilent(world: World, repetition: number): Promise<Sample> {
  const index = repetition % world.pops.length;
  const person = await world.person([index]);
  const streams = await bothWays(person);
  const fromUnixMs = Date.now();
  const cut = world.internet.part(world.pop(index).line, world.site.line, 'meta l4proto udp');
  const items = await itemsFor([person], AFTERWARDS_MS);
  const outcomes = [...(await ends(streams)), ...slowest(items)];
  cut.heal();
  const sample = sampleOf(outcomes, NO_EXCUSE, detectionMs(world.connector(0).program.log, fromUnixMs));
  await withoutMemory(world);
  await person.stop();
  return sample;
}

/** A connector dies; its replica has the next requests and those under way that may be sent once more. */
async function connectorKilled(world: World, repetition: number): Promise<Sample> {
  const people = await Promise.all(world.pops.map((_, i) => world.person([i])));
  const { program } = world.connector(repetition % world.connectors.length);
  const items = itemsFor(people, AFTERWARDS_MS);
  const fromUnixMs = Date.now();
  await program.kill();
  const outcomes = slowest(await items);
  const sample = sampleOf(outcomes, NO_EXCUSE, detectionMs(world.pop(0).program.log, fromUnixMs));
  await program.start();
  await world.settled('udp');
  await stopAll(people);
  return sample;
}

/** A PoP dies: its own people take the next address, and streams that it relays take another way. */
async function popKilled(world: World): Promise<Sample> {
  const away = await world.withoutTunnel(world.connector(0).program.name);
  const killed = (away + 1) % world.pops.length;
  const [own, relayed] = [await world.person([killed, away]), await world.person([away])];
  const streams = await bothWays(relayed);
  const items = itemsFor([own], AFTERWARDS_MS);
  const fromUnixMs = Date.now();
  await world.pop(killed).program.kill();
  const ofOwn = sampleOf(slowest(await items), OTHER_ADDRESS);
  const detected = detectionMs(world.connector(0).program.log, fromUnixMs);
  const ofRelayed = sampleOf(await ends(streams), NO_EXCUSE, detected);
  await world.pop(killed).program.start();
  await world.settled('udp');
  await stopAll([own, relayed]);
  return joined(ofOwn, ofRelayed);
}

/** A planned stop of a PoP and of a connector, in turn. */
async function drain(world: World, repetition: number): Promise<Sample> {
  const people = [await world.person([0, 1]), await world.person([1, 0])];
  const node = repetition % 2 === 0 ? world.pop(0) : world.connector(0);
  const streams = await bothWays(people[0] as HostProcess);
  const stopped = node.program.stop();
  const items = await itemsFor(people, AFTERWARDS_MS);
  await stopped;
  const onlyLeft: Excuse = ({ isDone, incidents }) =>
    isDone && incidents.every(({ trouble }) => trouble === 'no-connection');
  const sample = sampleOf([...(await ends(streams)), ...slowest(items)], onlyLeft);
  await node.program.start();
  await world.settled('udp');
  await stopAll(people);
  return sample;
}

/** The only control node dies: people who have signed in notice nothing. */
async function controlGone(world: World): Promise<Sample> {
  const people = [await world.person([0]), await world.person([1])];
  const streams = await bothWays(people[0] as HostProcess);
  const control = world.network.program('control');
  await control.kill();
  const items = await itemsFor(people, AFTERWARDS_MS);
  const sample = sampleOf([...(await ends(streams)), ...slowest(items)], NO_EXCUSE);
  await control.start();
  await world.settled();
  await stopAll(people);
  return sample;
}

/** The site's firewall drops UDP from now on, under open streams. */
async function udpBlocked(world: World, repetition: number): Promise<Sample> {
  const person = await world.person([repetition % world.pops.length]);
  const streams = await bothWays(person);
  const fromUnixMs = Date.now();
  const blocked = world.internet.dropUdp(world.site.line);
  const outcomes = await ends(streams);
  blocked.heal();
  const sample = sampleOf(outcomes, NO_EXCUSE, detectionMs(world.connector(0).program.log, fromUnixMs));
  await withoutMemory(world);
  await person.stop();
  return sample;
}

/** A connector starts where no UDP gets out: the stall is the time from its start to its first tunnel over TLS. */
async function udpBlockedFromStart(world: World): Promise<Sample> {
  const { program } = world.connector(0);
  await program.kill();
  const blocked = world.internet.dropUdp(world.site.line);
  const startedMs = performance.now();
  await program.start();
  await program.process.waitFor(/"state":"up"[^\n]*"path":"tls"|"path":"tls"[^\n]*"state":"up"/, 60_000);
  const stallsMs = [performance.now() - startedMs];
  blocked.heal();
  await world.settled();
  return { stallsMs, failed: 0, detectedMs: undefined, complaints: [] };
}

/** A person's session is revoked: every PoP refuses it and cuts what is under way. */
async function revoked(world: World): Promise<Sample> {
  const people = await Promise.all(world.pops.map((_, i) => world.person([i])));
  const sessionId = await world.network.signInAnew(people);
  const streams = await Promise.all(people.map((person) => webSocket(person, { messages: 10_000, everyMs: 20 })));
  const fromUnixMs = Date.now();
  await world.network.api('remove', `/sessions/${sessionId}`);
  const refusals = await Promise.all(people.map((person) => untilRefused(person, fromUnixMs)));
  const cuts = (await ends(streams)).map((outcome) => (outcome.incidents[0]?.toUnixMs ?? 0) - fromUnixMs);
  const survived = cuts.filter((ms) => ms < 0).length;
  await stopAll(people);
  const complaints = survived > 0 ? [`${survived} streams were not cut`] : [];
  return { stallsMs: [...refusals, ...cuts], failed: survived, detectedMs: undefined, complaints };
}

async function untilRefused(person: HostProcess, fromUnixMs: number): Promise<number> {
  for (;;) {
    const outcome = await item(person);
    if (!outcome.isDone) return outcome.toUnixMs - fromUnixMs;
    await pause();
  }
}

async function bothWays(person: HostProcess): Promise<Stream[]> {
  return [await download(person, pacedFor(SECONDS)), await upload(person, pacedFor(SECONDS))];
}

function ends(streams: readonly Stream[]): Promise<Outcome[]> {
  return Promise.all(streams.map(({ outcome }) => outcome));
}

/** Small requests of several people, one after another, for a while. */
async function itemsFor(people: readonly HostProcess[], durationMs: number): Promise<Outcome[]> {
  const untilMs = performance.now() + durationMs;
  const one = async (person: HostProcess): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    while (performance.now() < untilMs) {
      outcomes.push(await item(person));
      await pause();
    }
    return outcomes;
  };
  return (await Promise.all(people.map(one))).flat();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** A connector trusts UDP later each time that it fell; the next repetition finds one that has seen nothing. */
async function withoutMemory(world: World): Promise<void> {
  const { program } = world.connector(0);
  await program.stop();
  await program.start();
  await world.settled('udp');
}

async function stopAll(people: readonly HostProcess[]): Promise<void> {
  await Promise.all(people.map((person) => person.stop()));
}

function joined(one: Sample, other: Sample): Sample {
  return {
    stallsMs: [...one.stallsMs, ...other.stallsMs],
    failed: one.failed + other.failed,
    detectedMs: one.detectedMs ?? other.detectedMs,
    complaints: [...one.complaints, ...other.complaints],
  };
}
