/** Which fault strikes whom and when: all of it follows from a seed. */
import { SeededRandom } from '../../src/testing/seeded-random.ts';

/**
 * `kill`: a crash. `stop`: SIGTERM, as in an upgrade. `freeze`: it hangs, and goes on later. The others are faults of the
 * network between those that live.
 */
export const FAULTS = {
  'kill pop': { role: 'pop', needsNamespaces: false },
  'stop pop': { role: 'pop', needsNamespaces: false },
  'freeze pop': { role: 'pop', needsNamespaces: false },
  'kill connector': { role: 'connector', needsNamespaces: false },
  'stop connector': { role: 'connector', needsNamespaces: false },
  'freeze connector': { role: 'connector', needsNamespaces: false },
  'kill target': { role: 'target', needsNamespaces: false },
  'freeze target': { role: 'target', needsNamespaces: false },
  'kill control': { role: 'control', needsNamespaces: false },
  'stop control': { role: 'control', needsNamespaces: false },
  'kill postgres': { role: 'postgres', needsNamespaces: false },
  'cut tunnel': { role: 'pop', needsNamespaces: true },
  'part pops': { role: 'pop', needsNamespaces: true },
  'part control': { role: 'pop', needsNamespaces: true },
  'block udp': { role: 'site', needsNamespaces: true },
} as const;

export type FaultName = keyof typeof FAULTS;
export type Role = (typeof FAULTS)[FaultName]['role'];

export interface Strike {
  readonly fault: FaultName;
  /** Names of those that it hits; of a fault between two PoPs: both. */
  readonly victims: readonly string[];
  readonly atMs: number;
  /** How long it stays before it is healed: a killed process is started again then. */
  readonly lastsMs: number;
}

export interface Cast {
  /** Names by role; a role without names is not struck. */
  readonly names: Readonly<Record<Role, readonly string[]>>;
  readonly hasNamespaces: boolean;
}

const FIRST_AT_MS = 2_000;
/** From one strike to the next: time to strike, to be noticed, to heal and to be whole again. */
export const EVERY_MS = 3_800;
const LASTS_MS = { least: 1_000, most: 2_200 } as const;

/** Why a fault is left out with this cast; undefined where it is not. */
export function whyLeftOut(fault: FaultName, { names, hasNamespaces }: Cast): string | undefined {
  const { role, needsNamespaces } = FAULTS[fault];
  if (needsNamespaces && !hasNamespaces) return 'needs network namespaces, so root';
  return names[role].length === 0 ? `the network has no ${role}` : undefined;
}

/** Every fault in turn, in an order of the seed, then all of them in another order, until the time is over. */
export function schedule(seed: number, durationMs: number, cast: Cast): Strike[] {
  const random = new SeededRandom(seed);
  const possible = (Object.keys(FAULTS) as FaultName[]).filter((fault) => whyLeftOut(fault, cast) === undefined);
  const strikes: Strike[] = [];
  let deck: FaultName[] = [];
  for (let atMs = FIRST_AT_MS; atMs + EVERY_MS <= durationMs; atMs += EVERY_MS) {
    if (deck.length === 0) deck = shuffled(possible, random);
    const fault = deck.pop();
    if (!fault) break;
    const victims = victimsOf(fault, cast, random);
    strikes.push({ fault, victims, atMs, lastsMs: random.integer(LASTS_MS.least, LASTS_MS.most) });
  }
  return strikes;
}

function victimsOf(fault: FaultName, { names }: Cast, random: SeededRandom): string[] {
  const candidates = shuffled(names[FAULTS[fault].role], random);
  return candidates.slice(0, fault === 'part pops' ? 2 : 1);
}

/** Fisher and Yates. */
function shuffled<Value>(values: readonly Value[], random: SeededRandom): Value[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [result[i], result[j]] = [result[j] as Value, result[i] as Value];
  }
  return result;
}
