import { type Duplex, pipeline } from 'node:stream';
import type { WebSocketEnd } from './web-socket-splice.ts';

/**
 * Joins the two ends of a protocol that nobody here reads, both ways with backpressure. A half-closed side half-closes the
 * other, a broken one breaks it.
 */
export class OpaqueSplice {
  constructor({ client, server }: { client: WebSocketEnd; server: WebSocketEnd }, ended: () => void) {
    let open = 2;
    const oneOver = (error?: Error | null): void => {
      if (error) {
        client.stream.destroy();
        server.stream.destroy();
      }
      if (--open === 0) ended();
    };
    carry(client, server.stream, oneOver);
    carry(server, client.stream, oneOver);
  }

  /** There is no way to say so in a protocol that is not known: it is cut when the time to leave is over. */
  goAway(): void {}
}

function carry({ stream, head }: WebSocketEnd, to: Duplex, over: (error?: Error | null) => void): void {
  if (head.length > 0) to.write(head);
  pipeline(stream, to, over);
}
