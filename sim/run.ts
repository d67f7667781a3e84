/** Runs a world through its events and measures each. */
import { connectorImbalance, fullestOfEven, userImbalance } from './balance.ts';
import { type EventName, plan } from './events.ts';
import type { SimNode } from './network.ts';
import { TRAFFIC_KINDS, type TrafficKind } from './traffic.ts';
import type { AnswerCounts } from './users.ts';
import { type Durations, Watch } from './watch.ts';
import { World, type WorldSize } from './world.ts';

export interface SimOptions extends WorldSize {
  readonly minutes: number;
  /** Minutes that `idle` takes; left out or 0: one, or a tenth of all where that is less. DNS learns round trips for an hour. */
  readonly rest?: number;
  /** Left out: all of them. */
  readonly events?: readonly EventName[];
}

/** Of what was not as it should be; times in ms. */
export interface Convergence {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of them, still broken at the end. */
  readonly open: number;
}

/** What one node sends on average, in a second. */
export interface Rate {
  readonly bytes: number;
  readonly messages: number;
  readonly byKind: Readonly<Record<TrafficKind, { readonly bytes: number; readonly messages: number }>>;
}

export interface EventResult {
  readonly name: string;
  readonly seconds: number;
  readonly connectors: Convergence;
  readonly ways: Convergence;
  readonly answers: Convergence;
  readonly popRate: Rate;
  /** The most that all PoPs together sent in one second, as a multiple of this event's mean. */
  readonly peak: number;
  readonly connectorRate: Rate;
  readonly connectorImbalance: number;
  /** What the fullest PoP has, against the fullest in the most even spread that there could be. */
  readonly connectorFullest: number;
  readonly userImbalance: number;
  readonly users: AnswerCounts;
  readonly choices: number;
}

export interface SimResult {
  readonly options: SimOptions;
  readonly events: readonly EventResult[];
  readonly refusals: number;
}

export interface Listener {
  /** After each event: how it went so far. */
  tell(soFar: SimResult): void;
  /** After each second. */
  goesOn(nowMs: number): void;
}

export function runSim(options: SimOptions, listener?: Listener): SimResult {
  const world = new World(options);
  const watch = new Watch(world);
  const events: EventResult[] = [];
  for (const event of plan(world, options.minutes, options.events, 60_000 * (options.rest ?? 0))) {
    clearCounts(world);
    const untilMs = world.nowMs + event.forMs;
    watch.begin(new Set(event.begin(world)));
    const peakBytes = runWatchingPeaks(world, untilMs, listener);
    events.push(resultOf(world, watch, event.name, event.forMs / 1000, peakBytes));
    listener?.tell({ options, events, refusals: world.refusals });
  }
  return { options, events, refusals: world.refusals };
}

function clearCounts(world: World): void {
  for (const node of [...world.pops, ...world.connectors]) node.traffic.clear();
  world.users.resetCounts();
  world.choiceNews = 0;
}

/** Gives the most bytes that the PoPs sent within one second. */
function runWatchingPeaks(world: World, untilMs: number, listener: Listener | undefined): number {
  let peak = 0;
  let before = 0;
  while (world.nowMs < untilMs) {
    world.runUntil(Math.min(untilMs, world.nowMs + 1_000));
    const sent = world.pops.reduce((total, { traffic }) => total + traffic.bytes.reduce((a, b) => a + b, 0), 0);
    peak = Math.max(peak, sent - before);
    before = sent;
    listener?.goesOn(world.nowMs);
  }
  return peak;
}

function resultOf(world: World, watch: Watch, name: string, seconds: number, peakBytes: number): EventResult {
  const { connectors, ways, answers } = watch.take();
  const popRate = rateOf(world.pops, seconds);
  return {
    name,
    seconds,
    connectors: convergenceOf(connectors),
    ways: convergenceOf(ways),
    answers: convergenceOf(answers),
    popRate,
    peak: peakBytes / (popRate.bytes * world.pops.length),
    connectorRate: rateOf(world.connectors, seconds),
    connectorImbalance: connectorImbalance(world),
    connectorFullest: fullestOfEven(world),
    userImbalance: userImbalance(world),
    users: world.users.counts,
    choices: world.choiceNews,
  };
}

function convergenceOf({ healed, open }: Durations): Convergence {
  const sorted = [...healed, ...open].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0, open: open.length };
}

function rateOf(nodes: readonly SimNode[], seconds: number): Rate {
  const per = nodes.length * seconds;
  const kinds = TRAFFIC_KINDS.map((kind, index) => {
    const bytes = nodes.reduce((total, { traffic }) => total + (traffic.bytes[index] as number), 0) / per;
    const messages = nodes.reduce((total, { traffic }) => total + (traffic.messages[index] as number), 0) / per;
    return [kind, { bytes, messages }] as const;
  });
  return {
    bytes: kinds.reduce((total, [, { bytes }]) => total + bytes, 0),
    messages: kinds.reduce((total, [, { messages }]) => total + messages, 0),
    byKind: Object.fromEntries(kinds) as Rate['byKind'],
  };
}
