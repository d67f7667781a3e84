import type { Duplex } from 'node:stream';
import type { IpAddress } from '../../base/index.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { TunnelFailure, type TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure, type DialFailureCode } from '../dialer.ts';
import { STREAM_KEEP_ALIVE_MS } from './constants.ts';

/** Streams to connectors that wait for an answer, so that they need not wait for one that cannot come. */
export class OpeningStreams {
  readonly #streams = new Map<string, Set<TunnelSocket>>();

  /** The stream once it is open. Rejects with DialFailure. */
  opened(address: string, stream: TunnelSocket): Promise<Duplex> {
    this.#add(address, stream);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(dialFailure(error));
      stream.once('error', failed);
      stream.once('connect', () => {
        stream.off('error', failed);
        // A reset may follow in the same burst, before whoever waits for this promise listens: it must not be fatal.
        stream.on('error', () => undefined);
        resolve(stream);
      });
    });
  }

  /** No path leads there any more. */
  pathLost(address: string): void {
    for (const stream of [...(this.#streams.get(address) ?? [])]) {
      stream.destroy(new DialFailure('no-path', 'the last path to the connector went down'));
    }
  }

  #add(address: string, stream: TunnelSocket): void {
    const streams = this.#streams.get(address) ?? new Set();
    this.#streams.set(address, streams.add(stream));
    const over = (): void => {
      if (streams.delete(stream) && streams.size === 0 && this.#streams.get(address) === streams)
        this.#streams.delete(address);
    };
    stream.once('connect', over);
    stream.once('close', over);
  }
}

/** A stream to an address of the overlay, which fails where its other end is gone. Throws DialFailure. */
export function openStream(driver: OverlayDriver, to: IpAddress, port: number, timeoutMs: number): TunnelSocket {
  try {
    return driver.connect(to, port, timeoutMs).setKeepAlive(true, STREAM_KEEP_ALIVE_MS);
  } catch (cause) {
    throw new DialFailure('no-path', 'the PoP has no room for one more stream', cause);
  }
}

/**
 * A connector is there, and its process may be another than the one that had the other ends of open streams: it is asked, so
 * that whoever waits on a silent one learns at once that it is over.
 */
export function askAfterStreams(driver: OverlayDriver, connector: IpAddress): void {
  driver.node.netstack.askAfter(connector);
  driver.wake();
}

export function dialFailure(error: Error): DialFailure {
  if (error instanceof DialFailure) return error;
  if (!(error instanceof TunnelFailure)) return new DialFailure('reset', error.message, error);
  const codes: Record<TunnelFailure['reason'], DialFailureCode> = {
    refused: 'target-refused',
    unreachable: 'target-timed-out',
    timeout: 'target-timed-out',
    reset: 'reset',
  };
  return new DialFailure(codes[error.reason], error.message, error);
}
