import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure } from '../dialer.ts';

/** Streams to connectors that wait for an answer, so that they need not wait for one that cannot come. */
export class OpeningStreams {
  readonly #streams = new Map<string, Set<TunnelSocket>>();

  /** Until it is open or has failed. */
  add(address: string, stream: TunnelSocket): void {
    const streams = this.#streams.get(address) ?? new Set();
    this.#streams.set(address, streams.add(stream));
    const over = (): void => {
      if (streams.delete(stream) && streams.size === 0) this.#streams.delete(address);
    };
    stream.once('connect', over);
    stream.once('close', over);
  }

  /** No path leads there any more. */
  pathLost(address: string): void {
    for (const stream of [...(this.#streams.get(address) ?? [])]) {
      stream.destroy(new DialFailure('no-path', 'the last path to the connector went down'));
    }
  }
}
