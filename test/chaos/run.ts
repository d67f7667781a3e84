/** One run of chaos: a load, strikes one after another, and the verdict. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from '../lab/host-process.ts';
import type { Fault } from '../netlab/firewall.ts';
import type { Program } from '../netlab/program.ts';
import type { Outcome } from '../traffic/outcome.ts';
import { judge, type Struck, type Verdict } from './judge.ts';
import type { LoadSettings } from './load-process.ts';
import { type ChaosNetwork, type InFrontOfTarget, journalOf, openChaosNetwork } from './network.ts';
import { FAULTS, type FaultName, type Strike, schedule, whyLeftOut } from './schedule.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly hasNamespaces: boolean;
  /** No strikes: for runs whose harm comes from elsewhere. */
  readonly isCalm?: boolean;
  readonly inFront?: InFrontOfTarget;
  readonly say: (line: string) => void;
}

export interface ChaosResult extends Verdict {
  readonly seed: number;
  readonly seconds: number;
  /** How often each fault struck. */
  readonly strikes: Readonly<Record<string, number>>;
  /** Faults that this machine or network cannot have, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** What the programs said last, where something must not have been. */
  readonly lastWords?: string;
}

const WHOLE_WITHIN_MS = 5_000;
const PEOPLE: LoadSettings['people'] = { item: 4, write: 3, download: 3, upload: 3, 'web-socket': 3 };

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, durationMs, say } = options;
  const chaos = await openChaosNetwork(options.hasNamespaces, options.inFront);
  let load: HostProcess | undefined;
  try {
    const strikes = options.isCalm ? [] : schedule(seed, durationMs, chaos.cast);
    load = chaos.people.spawnNode('test/chaos/load-process.ts');
    const settings: LoadSettings = { ...(await chaos.network.signedIn(chaos.people)), people: PEOPLE };
    const startedMs = performance.now();
    await load.call('begin', settings);
    const struck: Struck[] = [];
    for (const one of strikes) {
      if (performance.now() - startedMs > durationMs && haveAllStruck(strikes, struck)) break;
      await sleep(Math.max(0, startedMs + one.atMs - performance.now()));
      say(`${((performance.now() - startedMs) / 1000).toFixed(1)} s  ${one.fault}: ${one.victims.join(', ')}`);
      struck.push(await strike(chaos, one));
      await untilWhole(chaos);
    }
    await sleep(Math.max(0, startedMs + durationMs - performance.now()));
    const outcomes = await load.call<readonly Outcome[]>('end');
    const journals = chaos.cast.names.target.map((name) => journalOf(chaos.network, name));
    const verdict = judge({ outcomes, strikes: struck, journals, popOf: chaos.popOf });
    return {
      ...{ seed, seconds: Math.round(durationMs / 1000), strikes: countOf(struck), leftOut: leftOut(chaos) },
      ...verdict,
      ...(verdict.violations.length > 0 && { lastWords: chaos.network.lastWords() }),
    };
  } finally {
    await load?.stop();
    await chaos.close();
  }
}

/** Strikes, waits, heals, and says from when to when nothing could be asked of the victims. */
async function strike(chaos: ChaosNetwork, { fault, victims, lastsMs }: Strike): Promise<Struck> {
  const fromUnixMs = Date.now();
  const heal = await begin(chaos, fault, victims);
  await sleep(lastsMs);
  await heal();
  return { fault, victims, fromUnixMs, toUnixMs: Date.now() };
}

/**
 * Until each connector has a tunnel again: a process that is ready is not yet of use, and two faults at once are another
 * matter. Control may be slow to say so; it is not waited for without end.
 */
async function untilWhole({ network, cast }: ChaosNetwork): Promise<void> {
  const wanted = Object.fromEntries(cast.names.connector.map((name) => [name, 1]));
  await Promise.race([network.settled(wanted).catch(() => undefined), sleep(WHOLE_WITHIN_MS)]);
}

async function begin(
  chaos: ChaosNetwork,
  fault: FaultName,
  [first = '', second = '']: readonly string[],
): Promise<() => Promise<void>> {
  const program = (): Program => chaos.network.program(first);
  const healed = (one: Fault) => async () => one.heal();
  switch (fault) {
    case 'kill pop':
    case 'kill connector':
    case 'kill target':
    case 'kill control':
      await program().kill();
      return () => program().start();
    case 'kill postgres':
      await chaos.postgres?.kill();
      return async () => chaos.postgres?.restart();
    case 'stop pop':
    case 'stop connector':
    case 'stop control':
      await program().stop();
      return () => program().start();
    case 'freeze pop':
    case 'freeze connector':
    case 'freeze target':
      program().freeze();
      return async () => program().thaw();
    case 'cut tunnel':
      return healed(chaos.part(first, 'site', 'meta l4proto udp'));
    case 'part pops':
      return healed(chaos.part(first, second));
    case 'part control':
      return severed(chaos, first);
    case 'block udp':
      return healed(chaos.part('site', 'site'));
  }
}

/** A PoP that no control node can reach. */
function severed({ part, cast }: ChaosNetwork, pop: string): () => Promise<void> {
  const faults = cast.names.control.map((control) => part(pop, control));
  return async () => {
    for (const fault of faults) fault.heal();
  };
}

/** A slow machine takes longer for each; it goes on until every fault had its turn, and no longer. */
function haveAllStruck(planned: readonly Strike[], struck: readonly Struck[]): boolean {
  const seen = new Set(struck.map(({ fault }) => fault));
  return planned.every(({ fault }) => seen.has(fault));
}

function countOf(struck: readonly Struck[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { fault } of struck) counts[fault] = (counts[fault] ?? 0) + 1;
  return counts;
}

function leftOut({ cast }: ChaosNetwork): Record<string, string> {
  const reasons = (Object.keys(FAULTS) as FaultName[]).map((fault) => [fault, whyLeftOut(fault, cast)] as const);
  return Object.fromEntries(reasons.filter((one): one is readonly [FaultName, string] => one[1] !== undefined));
}
