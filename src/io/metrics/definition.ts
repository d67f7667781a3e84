export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** One metric as it is documented; its name is the key that it has in the registry. */
export interface MetricDefinition<Label extends string = string> {
  readonly kind: MetricKind;
  /** One sentence: what a sample says, and its unit where the name does not. */
  readonly help: string;
  /** Each label with what its values are. They are from fixed sets, or ids of PoPs: never hosts, addresses or people. */
  readonly labels: Readonly<Record<Label, string>>;
}

type Labels = Readonly<Record<string, string>>;
type NoLabels = Readonly<Record<never, string>>;

function define(kind: MetricKind) {
  return <const L extends Labels = NoLabels>(help: string, labels?: L): MetricDefinition<keyof L & string> => ({
    kind,
    help,
    labels: (labels ?? {}) as Readonly<Record<keyof L & string, string>>,
  });
}

/** What only grows while the process lives; its name ends in `_total`. */
export const counter = define('counter');
/** What is as it is now. */
export const gauge = define('gauge');
/** How many of what was measured were no greater than each of some bounds, and their sum. */
export const histogram = define('histogram');
