import type { ServerResponse } from 'node:http';

/** Server-sent events (HTML, section 9.2) to one client, who is cut off where too much waits for them. */
export class EventStreamWriter {
  readonly #response: ServerResponse;
  readonly #backlogMaxBytes: number;

  constructor(response: ServerResponse, backlogMaxBytes: number) {
    this.#response = response;
    this.#backlogMaxBytes = backlogMaxBytes;
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
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Says that it is alive. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }

  #write(text: string): void {
    if (this.isOver) return;
    if (this.#response.writableLength > this.#backlogMaxBytes) this.#response.destroy();
    else this.#response.write(text);
  }
}
