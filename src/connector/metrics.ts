import type { SiteGrant, TargetStatus } from '../core/link/index.ts';
import type { Samples } from '../io/metrics/samples.ts';
import type { OpenOverlay } from '../io/overlay/open-overlay.ts';
import { collectOverlay } from '../io/overlay/overlay-metrics.ts';
import type { DialCounters } from './dial.ts';

export interface ObservedConnector {
  readonly grant: SiteGrant | undefined;
  readonly dials: Readonly<DialCounters>;
  /** Streams to targets that are open. */
  readonly streams: number;
  readonly targets: readonly TargetStatus[];
}

/** What a connector tells. */
export function collectConnector(samples: Samples, overlay: OpenOverlay, observed: ObservedConnector): void {
  collectOverlay(samples, overlay);
  const { dials, streams, targets, grant } = observed;
  samples.add('manis_connector_streams', streams);
  samples.add('manis_connector_dials_total', dials.dialled, { outcome: 'accepted' });
  samples.add('manis_connector_dials_total', dials.refused, { outcome: 'refused' });
  samples.add('manis_connector_dials_total', dials.timedOut, { outcome: 'timed-out' });
  samples.add('manis_connector_dials_total', dials.notGranted, { outcome: 'not-granted' });
  for (const [state, of] of Map.groupBy(targets, (target) => target.state))
    samples.add('manis_connector_targets', of.length, { state });
  samples.add('manis_connector_grant_epoch', grant?.version.epoch);
  samples.add('manis_connector_grant_revision', grant?.version.revision);
}
