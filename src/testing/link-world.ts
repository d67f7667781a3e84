/** What tests of the link inside a tunnel share: either end of it, line by line. */
import type { Duplex } from 'node:stream';
import { MAX_CONNECTOR_LINE_CHARS } from '../core/link/index.ts';
import { LineChannel } from '../io/overlay/line-channel.ts';

/** One end of a link; what it hears waits until it is asked for. */
export class LinkEnd {
  readonly stream: Duplex;
  readonly #channel: LineChannel;
  readonly #heard: unknown[] = [];
  #waiting: ((message: unknown) => void) | undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on('error', () => undefined);
    this.#channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => this.#take(JSON.parse(line)));
  }

  send(message: unknown): void {
    this.#channel.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#channel.send(text);
  }

  next(): Promise<unknown> {
    return new Promise((resolve) => {
      if (this.#heard.length > 0) resolve(this.#heard.shift());
      else this.#waiting = resolve;
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.stream.closed) resolve();
      else this.stream.once('close', resolve);
    });
  }

  #take(message: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(message);
    else this.#heard.push(message);
  }
}
