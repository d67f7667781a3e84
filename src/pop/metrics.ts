import type { StreamPortStatus } from '../core/link/index.ts';
import type { Samples } from '../io/metrics/samples.ts';
import type { PopParts } from './assemble.ts';
import type { CertificateTable } from './certificates.ts';
import type { CounterGroup } from './counters.ts';
import type { DrainPhase } from './drain.ts';

/** Every group of counters is told. */
const TOLD = {
  requests: (samples, counts) => samples.addEach('manis_pop_requests_total', counts, (kind) => ({ kind })),
  decisions: (samples, counts) => samples.addEach('manis_pop_decisions_total', counts, (reason) => ({ reason })),
  problems: (samples, counts) => samples.addEach('manis_pop_problems_total', counts, (reason) => ({ reason })),
  sessions: (samples, counts) => samples.addEach('manis_pop_sessions_total', counts, (event) => ({ event })),
  credentials: (samples, counts) => samples.addEach('manis_pop_credentials_total', counts, (event) => ({ event })),
  choices: (samples, counts) => samples.addEach('manis_pop_choices_total', counts, (reason) => ({ reason })),
  exchanges: (samples, counts) => samples.addEach('manis_pop_exchanges_total', counts, (event) => ({ event })),
  streams: (samples, counts) => samples.addEach('manis_pop_streams_total', counts, (event) => ({ event })),
  shed: (samples, counts) => samples.addEach('manis_pop_shed_total', counts, (importance) => ({ importance })),
  snapshots: (samples, counts) => samples.addEach('manis_pop_snapshots_total', counts, (event) => ({ event })),
  links: (samples, counts) => samples.addEach('manis_pop_links_total', counts, (event) => ({ event })),
  captures: (samples, counts) => samples.addEach('manis_pop_captures_total', counts, (event) => ({ event })),
  dns: (samples, counts) => samples.addEach('manis_pop_dns_total', counts, (event) => ({ event })),
} satisfies Record<CounterGroup, (samples: Samples, counts: Readonly<Record<string, number>>) => void>;

const PHASES: readonly DrainPhase[] = ['serving', 'announced', 'closing'];
const WEEK_MS = 7 * 24 * 3_600_000;

/** What is asked of it while it runs. */
export interface PopFacts {
  connections(): { readonly open: number; readonly capacity: number };
  /** How it is with the ports of resources that are no HTTP. */
  streamPorts(): readonly StreamPortStatus[];
  /** Whether it takes new work, is seen in DNS and keeps connections. */
  phase(): DrainPhase;
}

export interface ObservedPop {
  readonly parts: PopParts;
  readonly certificates: CertificateTable;
  readonly facts: PopFacts;
  readonly isLinked: boolean;
  readonly nowUnixMs: number;
}

/** What a PoP tells, beside its tunnels. */
export function collectPop(samples: Samples, observed: ObservedPop): void {
  const { parts, facts, isLinked } = observed;
  const { counters, live, upstreams } = parts;
  for (const [group, counts] of Object.entries(counters.values())) TOLD[group as CounterGroup](samples, counts);
  const { open, capacity } = facts.connections();
  samples.add('manis_pop_connections', open);
  samples.add('manis_pop_connection_capacity', capacity);
  samples.add('manis_pop_exchanges_live', live.size);
  samples.add('manis_pop_exchanges_cut_total', live.cutCount);
  samples.add('manis_pop_upstreams', upstreams.size);
  for (const phase of PHASES) samples.add('manis_pop_drain_phase', facts.phase() === phase ? 1 : 0, { phase });
  const ports = Map.groupBy(facts.streamPorts(), ({ state }) => state);
  for (const [state, of] of ports) samples.add('manis_pop_stream_ports', of.length, { state });
  samples.add('manis_pop_control_link_up', isLinked ? 1 : 0);
  for (const [stage, durations] of Object.entries(parts.observers.meter.stages))
    samples.add('manis_pop_request_stage_seconds', durations, { stage });
  samples.addEach('manis_pop_spans_total', parts.observers.spanCounts ?? {}, (outcome) => ({ outcome }));
  collectSnapshot(samples, observed);
  collectCertificates(samples, observed);
}

function collectSnapshot(samples: Samples, { parts: { holder }, nowUnixMs }: ObservedPop): void {
  const { view, ageMs } = { view: holder.view, ageMs: nowUnixMs - holder.heardUnixMs };
  if (!view) return;
  const { version, expiresUnixMs } = view.state;
  samples.add('manis_pop_snapshot_epoch', version.epoch);
  samples.add('manis_pop_snapshot_revision', version.revision);
  samples.add('manis_pop_snapshot_age_seconds', ageMs / 1_000);
  samples.add('manis_pop_snapshot_expiry_timestamp_seconds', expiresUnixMs / 1_000);
  samples.add('manis_pop_resources', view.resources.size);
}

function collectCertificates(samples: Samples, { parts, certificates, nowUnixMs }: ObservedPop): void {
  const ends = certificates.ends();
  const leftMs = ends.map((unixMs) => unixMs - nowUnixMs);
  const expired = leftMs.filter((ms) => ms <= 0).length;
  const expiring = leftMs.filter((ms) => ms > 0 && ms <= WEEK_MS).length;
  samples.add('manis_pop_certificates', ends.length - expired - expiring, { state: 'valid' });
  samples.add('manis_pop_certificates', expiring, { state: 'expiring' });
  samples.add('manis_pop_certificates', expired, { state: 'expired' });
  samples.add(
    'manis_pop_certificate_earliest_expiry_timestamp_seconds',
    ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY) / 1_000,
  );
  for (const problem of ['missing', 'expired'] as const)
    samples.add('manis_pop_certificate_problems', parts.certificateWatch.count(problem), { problem });
}
