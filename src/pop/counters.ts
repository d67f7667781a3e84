/** What is counted, by group; the names within a group are the named reasons used everywhere else. */
export const COUNTER_GROUPS = [
  'requests',
  'decisions',
  'problems',
  'sessions',
  'credentials',
  'choices',
  'exchanges',
  'streams',
  'shed',
  'snapshots',
  'links',
  'dns',
  'captures',
] as const;
export type CounterGroup = (typeof COUNTER_GROUPS)[number];

/** Counts how often each named thing happened since the start. The names are from fixed sets, so this stays small. */
export class Counters {
  readonly #groups = new Map<CounterGroup, Map<string, number>>(COUNTER_GROUPS.map((group) => [group, new Map()]));

  add(group: CounterGroup, name: string, amount = 1): void {
    const counts = this.#groups.get(group);
    counts?.set(name, (counts.get(name) ?? 0) + amount);
  }

  of(group: CounterGroup, name: string): number {
    return this.#groups.get(group)?.get(name) ?? 0;
  }

  /** `{ decisions: { authenticated: 12 } }`, groups without an entry included. */
  values(): Record<CounterGroup, Record<string, number>> {
    const entries = [...this.#groups].map(([group, counts]) => [group, Object.fromEntries(counts)]);
    return Object.fromEntries(entries) as Record<CounterGroup, Record<string, number>>;
  }
}
