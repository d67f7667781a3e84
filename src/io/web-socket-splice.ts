import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { goingAwayFrame, WebSocketFrames } from '../core/streams/index.ts';

/** One end of a WebSocket: its stream, and what it had sent before the two ends were joined. */
export interface WebSocketEnd {
  readonly stream: Duplex;
  readonly head: Buffer;
}

/**
 * Joins the two ends of a WebSocket both ways with backpressure; a half-closed side half-closes the other, a broken one
 * breaks it. Bytes pass unchanged, but their frames are followed, so that the WebSocket can be closed in good order.
 *
 * Many of them are open and silent, so what one holds is small: listeners are functions that all share and find their
 * splice by the stream. `pipeline` of node holds twenty times as much.
 */
export class WebSocketSplice {
  readonly #toClient: Direction;
  readonly #toServer: Direction;
  #ended: (() => void) | undefined;

  constructor({ client, server }: { client: WebSocketEnd; server: WebSocketEnd }, ended: () => void) {
    this.#ended = ended;
    this.#toServer = new Direction(client.stream, server.stream);
    this.#toClient = new Direction(server.stream, client.stream);
    join(client.stream, { splice: this, out: this.#toServer, in: this.#toClient });
    join(server.stream, { splice: this, out: this.#toClient, in: this.#toServer });
    this.#toServer.pass(client.head);
    this.#toClient.pass(server.head);
    for (const { stream } of [client, server]) catchUp(stream);
  }

  /** Tells both ends that we are going away (RFC 6455 section 7.1.1), each where no frame is under way. */
  goAway(mask: Uint8Array): void {
    this.#toClient.finish(goingAwayFrame());
    this.#toServer.finish(goingAwayFrame(mask));
  }

  /** A direction came to its end. */
  moved(): void {
    if (this.#toClient.isOver && this.#toServer.isOver) this.#over();
  }

  /** An end is gone: where it still had something to say or to hear, the other cannot go on. */
  closed(joined: Joined): void {
    if (joined.out.hasEnded && joined.in.hasFinished) return;
    this.#toClient.destroy();
    this.#toServer.destroy();
    this.#over();
  }

  #over(): void {
    this.#ended?.();
    this.#ended = undefined;
  }
}

/** What flows from one end to the other. */
class Direction {
  hasEnded = false;
  hasFinished = false;
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #frames = new WebSocketFrames();
  /** What is said last, once the frame that is under way has gone. */
  #last: Uint8Array | undefined;

  constructor(from: Duplex, to: Duplex) {
    this.#from = from;
    this.#to = to;
  }

  get isOver(): boolean {
    return this.hasEnded && this.hasFinished;
  }

  pass(chunk: Uint8Array): void {
    // What comes after the last word is read, so that the end is seen, and goes nowhere.
    if (chunk.length === 0 || !this.#to.writable) return;
    if (this.#last) {
      const rest = chunk.subarray(0, this.#frames.takeToBoundary(chunk));
      if (this.#frames.atBoundary) this.#to.end(Buffer.concat([rest, this.#last]));
      else this.#to.write(rest);
      return;
    }
    this.#frames.take(chunk);
    if (this.#to.write(chunk)) return;
    this.#from.pause();
    // Only then: few of them ever wait.
    if (!this.#to.listeners('drain').includes(heard)) this.#to.on('drain', heard);
  }

  drained(): void {
    this.#from.resume();
  }

  ended(): void {
    this.hasEnded = true;
    if (this.#to.writable) this.#to.end();
  }

  /** Ends the direction with a last frame, now or when the frame that is under way has gone. */
  finish(last: Uint8Array): void {
    if (this.#last || this.#frames.closed || !this.#to.writable) return;
    this.#last = last;
    if (this.#frames.atBoundary) this.#to.end(last);
    this.#from.resume();
  }

  destroy(): void {
    this.#from.destroy();
    this.#to.destroy();
  }
}

/** What a stream is part of. */
interface Joined {
  readonly splice: WebSocketSplice;
  /** What it says. */
  readonly out: Direction;
  /** What it is told. */
  readonly in: Direction;
}

const JOINED = Symbol('the splice of a stream');
type JoinedStream = Duplex & { [JOINED]: Joined };

function join(stream: Duplex, joined: Joined): void {
  if (stream instanceof TLSSocket) forgetHandshake(stream);
  (stream as JoinedStream)[JOINED] = joined;
  stream.on('data', said).on('end', saidAll).on('finish', heardAll).on('error', broke).on('close', left);
}

/**
 * Who listened until a TLS connection was there is not needed any more, and the table that they are noted in never
 * shrinks: it is made anew, of those who hear of the connection's end.
 */
function forgetHandshake(socket: TLSSocket): void {
  const [ended, closed] = [socket.rawListeners('end'), socket.rawListeners('close')];
  socket.removeAllListeners();
  for (const listener of ended) socket.on('end', listener as () => void);
  for (const listener of closed) socket.on('close', listener as () => void);
}

/** What came while nobody listened does not come again. */
function catchUp(stream: Duplex): void {
  if (stream.destroyed) left.call(stream);
  else if (stream.readableEnded) saidAll.call(stream);
}

function said(this: Duplex, chunk: Buffer): void {
  (this as JoinedStream)[JOINED].out.pass(chunk);
}

function saidAll(this: Duplex): void {
  const { splice, out } = (this as JoinedStream)[JOINED];
  out.ended();
  splice.moved();
}

function heard(this: Duplex): void {
  this.off('drain', heard);
  (this as JoinedStream)[JOINED].in.drained();
}

function heardAll(this: Duplex): void {
  const joined = (this as JoinedStream)[JOINED];
  joined.in.hasFinished = true;
  joined.splice.moved();
}

/** Its close comes next. */
function broke(): void {}

function left(this: Duplex): void {
  const joined = (this as JoinedStream)[JOINED];
  joined.splice.closed(joined);
}
