import { type Duplex, pipeline } from 'node:stream';
import { goingAwayFrame, WebSocketFrames } from '../core/streams/index.ts';

/** One end of a WebSocket: its stream, and what it had sent before the two ends were joined. */
export interface WebSocketEnd {
  readonly stream: Duplex;
  readonly head: Buffer;
}

/**
 * Joins the two ends of a WebSocket both ways with backpressure; a half-closed side half-closes the other, a broken one
 * breaks it. Bytes pass unchanged, but their frames are followed, so that the WebSocket can be closed in good order.
 */
export class WebSocketSplice {
  readonly #toClient: Direction;
  readonly #toServer: Direction;

  constructor({ client, server }: { client: WebSocketEnd; server: WebSocketEnd }, ended: () => void) {
    let open = 2;
    const oneOver = (error?: Error | null): void => {
      if (error) {
        client.stream.destroy();
        server.stream.destroy();
      }
      if (--open === 0) ended();
    };
    this.#toServer = new Direction(client, server.stream, oneOver);
    this.#toClient = new Direction(server, client.stream, oneOver);
  }

  /** Tells both ends that we are going away (RFC 6455 section 7.1.1), each where no frame is under way. */
  goAway(mask: Uint8Array): void {
    this.#toClient.finish(goingAwayFrame());
    this.#toServer.finish(goingAwayFrame(mask));
  }
}

/** What flows from one end to the other. */
class Direction {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #frames = new WebSocketFrames();

  constructor(from: WebSocketEnd, to: Duplex, over: (error?: Error | null) => void) {
    this.#from = from.stream;
    this.#to = to;
    if (from.head.length > 0) to.write(from.head);
    this.#frames.take(from.head);
    from.stream.on('data', this.#follow);
    pipeline(from.stream, to, over);
  }

  readonly #follow = (chunk: Buffer): void => this.#frames.take(chunk);

  /** Ends the direction with a last frame, now or when the frame that is under way has gone. */
  finish(last: Uint8Array): void {
    const [from, to, frames] = [this.#from, this.#to, this.#frames];
    if (frames.closed || !to.writable) return;
    from.unpipe(to);
    from.off('data', this.#follow);
    if (frames.atBoundary) to.end(last);
    from.on('data', (chunk: Buffer) => {
      if (!to.writable) return;
      const rest = chunk.subarray(0, frames.takeToBoundary(chunk));
      if (frames.atBoundary) to.end(Buffer.concat([rest, last]));
      else to.write(rest);
    });
    // What comes still is read, so that the end is seen, and goes nowhere.
    from.resume();
  }
}
