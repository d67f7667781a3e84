import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { OBSERVATION_LOOP_RESOLUTION_MS } from './constants.ts';
import { NOT_READY, type NodeKind, type NotReady } from './not-ready.ts';
import type { Samples } from './samples.ts';

export interface ProcessFacts {
  readonly node: NodeKind;
  readonly version: string;
  readonly notReady: readonly NotReady[];
  /** Lines that were logged, by level. */
  readonly lines: Readonly<Record<string, number>>;
}

/** What every process tells of itself. The delay of the event loop is watched from the first question on. */
export class ProcessMetrics {
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  collect(samples: Samples, { node, version, notReady, lines }: ProcessFacts): void {
    samples.add('manis_build_info', 1, { node, version, runtime: process.versions.node });
    samples.add('manis_ready', notReady.length === 0 ? 1 : 0);
    for (const reason of NOT_READY[node])
      samples.add('manis_not_ready', notReady.some((one) => one === reason) ? 1 : 0, { reason });
    samples.addEach('manis_log_lines_total', lines, (level) => ({ level }));
    const { user, system } = process.cpuUsage();
    samples.add('process_cpu_seconds_total', (user + system) / 1e6);
    const memory = process.memoryUsage();
    samples.add('process_resident_memory_bytes', memory.rss);
    samples.add('manis_heap_used_bytes', memory.heapUsed);
    samples.add('manis_heap_total_bytes', memory.heapTotal);
    samples.add('manis_external_memory_bytes', memory.external);
    samples.add('process_start_time_seconds', performance.timeOrigin / 1_000);
    samples.add('manis_event_loop_active_seconds_total', performance.eventLoopUtilization().active / 1_000);
    this.#loopDelay(samples);
  }

  stop(): void {
    this.#delay?.disable();
  }

  #loopDelay(samples: Samples): void {
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution: OBSERVATION_LOOP_RESOLUTION_MS });
      this.#delay.enable();
      return;
    }
    const delay = this.#delay;
    const add = (statistic: string, nanoseconds: number): void =>
      // A sample is the time between two looks, so it holds the time that was to pass between them.
      samples.add(
        'manis_event_loop_delay_seconds',
        Math.max(0, nanoseconds / 1e9 - OBSERVATION_LOOP_RESOLUTION_MS / 1e3),
        {
          statistic,
        },
      );
    if (delay.count > 0) {
      add('mean', delay.mean);
      add('p50', delay.percentile(50));
      add('p99', delay.percentile(99));
      add('max', delay.max);
    }
    delay.reset();
  }
}
