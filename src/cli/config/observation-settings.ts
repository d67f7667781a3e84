import { OBSERVATION_PORTS } from '../../io/metrics/constants.ts';
import type { NodeKind } from '../../io/metrics/not-ready.ts';
import { ADDRESS_AND_PORT, listenEndpoint, worded } from './setting.ts';
import { oneOf } from './value.ts';

/** Where a node serves metrics and health. */
export const metricsAt = (node: NodeKind) =>
  worded(oneOf(['off']).or(listenEndpoint).optional(), {
    kind: 'value',
    hint: 'ADDRESS',
    expected: `${ADDRESS_AND_PORT}, or "off"`,
    description: `Where /metrics, /healthz and /readyz are served (default 127.0.0.1:${OBSERVATION_PORTS[node]})`,
  });
