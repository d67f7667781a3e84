import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { patiently } from './eventually.ts';

export interface SentEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an event says is looked at by the test that knows it
  readonly data: any;
}

/** Reads server-sent events, for tests. */
export class EventReader {
  /** All that came. */
  text = '';
  readonly all: SentEvent[] = [];
  readonly #response: IncomingMessage;
  readonly #events: SentEvent[] = [];
  #rest = '';
  #wake: () => void = () => undefined;
  #isOver = false;

  static open(url: string, headers: Readonly<Record<string, string>>, caFile: string): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const request = get(url, { headers, ca: readFileSync(caFile) }, (response) => {
        if (response.statusCode === 200) resolve(new EventReader(response));
        else reject(new Error(`status ${response.statusCode}`));
      });
      request.on('error', reject);
    });
  }

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (chunk: Buffer) => this.#take(chunk.toString()));
    response.on('error', () => undefined);
    response.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** The next event of this name; what comes before it is passed over. */
  async next(name: string): Promise<SentEvent['data']> {
    for (;;) {
      const event = this.#events.shift();
      if (event?.name === name) return event.data;
      if (event) continue;
      if (this.#isOver) throw new Error(`the stream ended before ${name}`);
      await this.#more(`the event ${name}`);
    }
  }

  async ended(): Promise<void> {
    while (!this.#isOver) await this.#more('the end of the stream');
  }

  #more(what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return patiently(promise, what);
  }

  close(): void {
    this.#response.destroy();
  }

  #take(text: string): void {
    this.text += text;
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/, 2) as [string, string]));
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = { name: fields.get('event') ?? '', data: JSON.parse(data) };
      this.#events.push(event);
      this.all.push(event);
    }
    this.#wake();
  }
}
