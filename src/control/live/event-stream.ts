import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/index.ts';
import { LIVE_BACKLOG_MAX_BYTES, LIVE_STUCK_MS } from './constants.ts';
import type { LiveBacklog, Reader } from './live-backlog.ts';

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly organisationId: string;
  /** Of all who look through this node. */
  readonly backlog: LiveBacklog;
}

/**
 * Server-sent events (HTML, section 9.2) to one client, who is cut off where too much waits for them, for too long, or where
 * what waits for all is too much and they have most of it.
 */
export class EventStreamWriter implements Reader {
  readonly #response: ServerResponse;
  readonly #options: EventStreamOptions;
  /** Since when nothing that waits has gone; undefined while they read. */
  #stuckSinceMs: number | undefined;

  constructor(response: ServerResponse, options: EventStreamOptions) {
    this.#response = response;
    this.#options = options;
    response.on('drain', () => this.#noteWaiting(true));
    response.on('close', () => this.#options.backlog.note(options.organisationId, this, 0));
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // What stands between is not to gather events before it passes them on.
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
  }

  get isOver(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  /** JSON has no line breaks, so an event's data is one line. */
  send(event: string, data: unknown, id?: string): void {
    this.sendText(event, JSON.stringify(data), id);
  }

  /** The same of JSON that is a text already. */
  sendText(event: string, json: string, id?: string): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`);
  }

  /** Says that it is alive. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }

  cut(): void {
    this.#response.destroy();
  }

  #write(text: string): void {
    if (this.isOver) return;
    if (this.#response.writableLength > LIVE_BACKLOG_MAX_BYTES || this.#isStuck()) this.cut();
    else this.#noteWaiting(this.#response.write(text));
  }

  #isStuck(): boolean {
    const since = this.#stuckSinceMs;
    return since !== undefined && this.#options.clock.nowMs() - since > LIVE_STUCK_MS;
  }

  #noteWaiting(isThrough: boolean): void {
    const { backlog, clock, organisationId } = this.#options;
    if (isThrough) this.#stuckSinceMs = undefined;
    else this.#stuckSinceMs ??= clock.nowMs();
    backlog.note(organisationId, this, isThrough ? 0 : this.#response.writableLength);
  }
}
