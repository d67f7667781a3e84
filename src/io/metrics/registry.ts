/** Every metric there is. `docs/metrics.md` is written from this, and nothing else can be told: see `samples.ts`. */
import type { MetricDefinition } from './definition.ts';
import { CONNECTOR_METRICS, CONTROL_METRICS } from './node-definitions.ts';
import { OVERLAY_METRICS } from './overlay-definitions.ts';
import { POP_METRICS } from './pop-definitions.ts';
import { PROCESS_METRICS } from './process-definitions.ts';

export const METRICS = {
  ...PROCESS_METRICS,
  ...OVERLAY_METRICS,
  ...POP_METRICS,
  ...CONTROL_METRICS,
  ...CONNECTOR_METRICS,
} as const;

export type MetricName = keyof typeof METRICS;

/** The labels of a metric, each with a value. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]['labels'] & string, string>
>;

/** In the order of the page: who tells what. */
export const METRIC_GROUPS: readonly (readonly [title: string, metrics: Readonly<Record<string, MetricDefinition>>])[] =
  [
    ['Every node', PROCESS_METRICS],
    ['PoPs and connectors: tunnels', OVERLAY_METRICS],
    ['PoPs', POP_METRICS],
    ['Control nodes', CONTROL_METRICS],
    ['Connectors', CONNECTOR_METRICS],
  ];
