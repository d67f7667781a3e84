import { counter, gauge } from './definition.ts';

/** What every node tells. */
export const PROCESS_METRICS = {
  manis_build_info: gauge('Always 1; its labels say what runs.', {
    node: '`control`, `pop` or `connector`',
    version: 'of Manis',
    runtime: 'version of Node',
  }),
  manis_ready: gauge('1 where the node can do its work, 0 where `manis_not_ready` says why not.'),
  manis_not_ready: gauge('1 for each reason for which the node is not ready, 0 for each that does not hold.', {
    reason: 'as `/readyz` names it',
  }),
  manis_series_left_out: gauge('Series that this answer has no room for; anything but 0 is a mistake of Manis.'),
  process_cpu_seconds_total: counter('Processor time, of user and system.'),
  process_resident_memory_bytes: gauge('Memory that is in RAM.'),
  process_start_time_seconds: gauge('When the process began, since the Unix epoch.'),
  manis_heap_used_bytes: gauge('Memory of JavaScript objects.'),
  manis_heap_total_bytes: gauge('Memory that is kept for JavaScript objects.'),
  manis_external_memory_bytes: gauge('Memory of buffers and of what is bound to JavaScript objects.'),
  manis_event_loop_active_seconds_total: counter('Time in which the event loop had something to do.'),
  manis_event_loop_delay_seconds: gauge(
    'How late the event loop came to what was due, since it was asked for last; absent the first time.',
    { statistic: '`mean`, `p50`, `p99` or `max`' },
  ),
  manis_log_lines_total: counter('Lines that were logged.', { level: '`debug`, `info`, `warn` or `error`' }),
} as const;
