/** What the command line says. */
import { EVENT_NAMES, type EventName } from './events.ts';
import type { SimOptions } from './run.ts';

export interface Arguments {
  readonly options: SimOptions;
  readonly isJson: boolean;
  readonly isStrict: boolean;
}

const USAGE =
  'usage: npm run sim -- pops=100 connectors=10000 [seed=1] [minutes=10] [rest=MINUTES] [events=start,idle] [--json] [--strict]';
type NumberName = Exclude<keyof SimOptions, 'events'>;
/** Name -> value if it is left out, least and most that make sense. */
const NUMBERS: Readonly<Record<NumberName, readonly [number, number, number]>> = {
  pops: [10, 2, 1_000],
  connectors: [200, 1, 100_000],
  seed: [1, 0, 2 ** 32 - 1],
  minutes: [10, 0.2, 1_000],
  rest: [0, 0, 1_000],
};

/** A sentence where they make no sense. */
export function parseArguments(args: readonly string[]): Arguments | string {
  const values = new Map(Object.entries(NUMBERS).map(([name, [usual]]) => [name, usual]));
  const flags = new Set<string>();
  let events: readonly EventName[] | undefined;
  for (const arg of args) {
    const [name = '', text] = arg.split('=', 2);
    if (arg === '--json' || arg === '--strict') flags.add(arg);
    else if (name === 'events') {
      events = eventsOf(text);
      if (!events) return `${USAGE}\nevents are ${EVENT_NAMES.join(', ')}`;
    } else if (!Object.hasOwn(NUMBERS, name) || text === undefined) return `${USAGE}\n${arg} is unknown`;
    else {
      const [, least, most] = NUMBERS[name as NumberName];
      const value = Number(text);
      const isWhole = name === 'minutes' || name === 'rest' || Number.isInteger(value);
      if (text === '' || !isWhole || !(value >= least && value <= most)) {
        return `${USAGE}\n${name} is a number from ${least} to ${most}`;
      }
      values.set(name, value);
    }
  }
  const of = (name: NumberName) => values.get(name) as number;
  const world = { pops: of('pops'), connectors: of('connectors'), seed: of('seed') };
  const options: SimOptions = { ...world, minutes: of('minutes'), rest: of('rest'), ...(events && { events }) };
  return { options, isJson: flags.has('--json'), isStrict: flags.has('--strict') };
}

/** Undefined where one is unknown. */
function eventsOf(text: string | undefined): readonly EventName[] | undefined {
  const names = (text ?? '').split(',');
  const found = EVENT_NAMES.filter((name) => names.includes(name));
  return found.length === names.length ? found : undefined;
}
