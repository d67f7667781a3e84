import { Failure } from '../../base/index.ts';
import type { ListenEndpoint } from '../../io/https-server.ts';
import type { LineCounts, Log } from '../../io/log.ts';
import { OBSERVATION_PORTS } from '../../io/metrics/constants.ts';
import type { NodeKind, NotReady } from '../../io/metrics/not-ready.ts';
import {
  listenForObservers,
  type Observable,
  type ObservationListener,
} from '../../io/metrics/observation-listener.ts';
import type { ProcessMetrics } from '../../io/metrics/process-metrics.ts';
import type { Samples } from '../../io/metrics/samples.ts';

/** Where metrics and health are served: somewhere, nowhere, or where that node does by default, if nobody else is there. */
export type ObservationChoice = ListenEndpoint | 'off' | undefined;

/** What a program that has started says of itself. */
export interface WhatIsObserved {
  notReady(): readonly NotReady[] | Promise<readonly NotReady[]>;
  collect(samples: Samples): void | Promise<void>;
}

/** A program as monitoring sees it, from before it has started until it is gone. What tells metrics is loaded when asked. */
export class ObservedProgram implements Observable {
  readonly #node: NodeKind;
  readonly #version: string;
  readonly #log: Log & { readonly lines: LineCounts };
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #what: WhatIsObserved | undefined;
  #process: ProcessMetrics | undefined;
  #listener: ObservationListener | undefined;

  constructor(node: NodeKind, software: string, log: Log & { readonly lines: LineCounts }) {
    this.#node = node;
    this.#version = software.replace(/^.*\//, '');
    this.#log = log;
  }

  /** Where it is served, for the log. Failure `listen-failed` where a place that was asked for cannot be had. */
  async open(choice: ObservationChoice): Promise<{ readonly metrics: ListenEndpoint } | undefined> {
    if (choice === 'off') return undefined;
    try {
      this.#listener = await listenForObservers(
        choice ?? { host: '127.0.0.1', port: OBSERVATION_PORTS[this.#node] },
        this,
      );
      return { metrics: this.#listener.endpoint };
    } catch (error) {
      if (choice !== undefined || !(error instanceof Failure)) throw error;
      this.#log.info('metrics are not served: set --metrics to an address that is free', { detail: error.message });
      return undefined;
    }
  }

  started(what: WhatIsObserved | undefined): void {
    this.#what = what;
    this.#phase = 'running';
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  close(): void {
    this.#listener?.close();
    this.#process?.stop();
  }

  async notReady(): Promise<readonly NotReady[]> {
    const own = this.#phase === 'running' ? [] : [this.#phase];
    return [...own, ...((await this.#what?.notReady()) ?? [])];
  }

  async metrics(): Promise<string> {
    const [{ Samples }, { ProcessMetrics }] = await Promise.all([
      import('../../io/metrics/samples.ts'),
      import('../../io/metrics/process-metrics.ts'),
    ]);
    const samples = new Samples();
    this.#process ??= new ProcessMetrics();
    const notReady = await this.notReady();
    const { lines } = this.#log;
    this.#process.collect(samples, { node: this.#node, version: this.#version, notReady, lines });
    await this.#what?.collect(samples);
    samples.add('manis_series_left_out', samples.leftOut);
    return samples.text();
  }
}
