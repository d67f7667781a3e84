import { counter, gauge, histogram } from './definition.ts';

const REASON = { reason: 'by name, as in log, audit and pages' } as const;
const EVENT = { event: 'by name' } as const;

/** What PoPs tell. The first of them are the groups of its counters, each by the names used everywhere else. */
export const POP_METRICS = {
  manis_pop_requests_total: counter('Requests that came, and connections that were refused before any.', {
    kind: '`portal`, `resource`, `refused`, `upgrade`, `redirected`, `acme-challenge`, or why a connection was refused',
  }),
  manis_pop_decisions_total: counter('Decisions of policies.', REASON),
  manis_pop_problems_total: counter('Answers that tell of a problem.', REASON),
  manis_pop_sessions_total: counter('What became of sessions and sign-ins.', EVENT),
  manis_pop_credentials_total: counter('What became of PINs, share links, tokens and their like.', EVENT),
  manis_pop_choices_total: counter('Choices among too few targets.', REASON),
  manis_pop_exchanges_total: counter('How requests to backends ended, and what happened on the way.', EVENT),
  manis_pop_streams_total: counter('What became of TCP, UDP and TLS that is passed through.', EVENT),
  manis_pop_shed_total: counter('Requests that were left undone for want of time.', {
    importance: '`stranger`, `public`, `machine` or `session`',
  }),
  manis_pop_snapshots_total: counter('Snapshots and deltas that came, by what became of them.', EVENT),
  manis_pop_links_total: counter('Links with control that opened or ended.', EVENT),
  manis_pop_dns_total: counter('Answers of the name server.', EVENT),
  manis_pop_captures_total: counter('Requests that were captured or lost on the way, and replays.', EVENT),
  manis_pop_request_stage_seconds: histogram('How long requests to resources took, by stage.', {
    stage:
      '`judge` (arrival to decision), `way` (to a connection that takes it), `backend` (to the head of the answer), `total` (to the last byte)',
  }),
  manis_pop_spans_total: counter('Spans of recorded requests; absent where nothing is traced.', {
    outcome: '`exported`, `dropped` (no room) or `failed` (no collector took them)',
  }),
  manis_pop_connections: gauge('Connections of clients that are open.'),
  manis_pop_connection_capacity: gauge('Connections that it is built for.'),
  manis_pop_exchanges_live: gauge('Requests, WebSockets and streams that are under way.'),
  manis_pop_exchanges_cut_total: counter('Those that were cut because they would not be admitted any more.'),
  manis_pop_upstreams: gauge('Backends to which connections are kept, each through one connector.'),
  manis_pop_drain_phase: gauge('1 for the phase in which it is, else 0.', {
    phase: '`serving`, `announced` or `closing`',
  }),
  manis_pop_stream_ports: gauge('Ports of resources that are no HTTP, by state.', {
    state: 'as `manis resource list` names it',
  }),
  manis_pop_control_link_up: gauge('1 while it is linked with control.'),
  manis_pop_snapshot_epoch: gauge('Epoch of the snapshot in force.'),
  manis_pop_snapshot_revision: gauge('Revision of the snapshot in force, within its epoch.'),
  manis_pop_snapshot_age_seconds: gauge('Time since control was heard last.'),
  manis_pop_snapshot_expiry_timestamp_seconds: gauge('When the snapshot stops being served, since the Unix epoch.'),
  manis_pop_resources: gauge('Resources that it publishes.'),
  manis_pop_certificates: gauge('Certificates by state.', {
    state: '`valid`, `expiring` (within a week), `expired`',
  }),
  manis_pop_certificate_earliest_expiry_timestamp_seconds: gauge(
    'When the first certificate ends, since the Unix epoch.',
  ),
  manis_pop_certificate_problems: gauge('Hosts that browsers cannot come to.', { problem: '`missing` or `expired`' }),
} as const;
