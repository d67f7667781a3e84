import { setTimeout as after } from 'node:timers/promises';
import type { NotReady } from '../io/metrics/not-ready.ts';
import type { Samples } from '../io/metrics/samples.ts';
import { askStore, certificateEnds, countNotices, countRows, type Store } from '../io/store/index.ts';
import { CAPTURES_LOST_REASONS } from './captures/lost-captures.ts';
import { POP_HEARD_MS, STORE_ANSWER_MS } from './constants.ts';
import type { Control } from './control.ts';
import type { RequestMeter } from './request-meter.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

export interface ObservedControl {
  readonly control: Control;
  readonly meter: RequestMeter;
}

/** What keeps a control node from its work: `/readyz` tells. */
export async function notReadyOf({ control: { store } }: ObservedControl): Promise<NotReady<'control'>[]> {
  return (await answers(store)) ? [] : ['store-unreachable'];
}

/** What a control node tells. What is in the store is left out where that cannot be reached. */
export async function collectControl(samples: Samples, { control, meter }: ObservedControl): Promise<void> {
  for (const { count, ...labels } of meter.counted()) samples.add('manis_control_http_requests_total', count, labels);
  samples.add('manis_control_http_request_seconds', meter.durations);
  samples.add('manis_control_linked_pops', control.links.heardWithin(POP_HEARD_MS).length);
  const { lost } = control.links.captures;
  for (const reason of CAPTURES_LOST_REASONS)
    samples.add('manis_control_captures_lost_total', lost.count(reason), { reason });
  samples.add('manis_control_live_cut_total', control.live.backlog.cut);
  const version = control.publisher.current?.version;
  samples.add('manis_control_published_epoch', version?.epoch);
  samples.add('manis_control_published_revision', version?.revision);
  const isReachable = await answers(control.store);
  samples.add('manis_control_store_reachable', isReachable ? 1 : 0);
  if (isReachable) await collectStored(samples, control);
}

async function collectStored(samples: Samples, { store, clock }: Control): Promise<void> {
  samples.addEach('manis_control_records', await countRows(store.database), (noun) => ({ noun }));
  const { deliveries, raised } = await countNotices(store.database);
  samples.addEach('manis_control_webhook_deliveries', deliveries, (state) => ({ state }));
  samples.add('manis_control_alerts_raised', raised);
  const ends = await certificateEnds(store.database);
  const leftMs = ends.map((unixMs) => unixMs - clock.unixMs());
  const expired = leftMs.filter((ms) => ms <= 0).length;
  const expiring = leftMs.filter((ms) => ms > 0 && ms <= WEEK_MS).length;
  samples.add('manis_control_certificates', ends.length - expired - expiring, { state: 'valid' });
  samples.add('manis_control_certificates', expiring, { state: 'expiring' });
  samples.add('manis_control_certificates', expired, { state: 'expired' });
  const first = ends.reduce((earliest, end) => Math.min(earliest, end), Number.POSITIVE_INFINITY);
  samples.add('manis_control_certificate_earliest_expiry_timestamp_seconds', first / 1_000);
}

/** Whether the store answers, in time. */
async function answers(store: Store): Promise<boolean> {
  const late = new AbortController();
  try {
    const asked = askStore(store.database);
    const isLate = after(STORE_ANSWER_MS, false, { signal: late.signal }).catch(() => false);
    return await Promise.race([
      asked.then(
        () => true,
        () => false,
      ),
      isLate,
    ]);
  } finally {
    late.abort();
  }
}
