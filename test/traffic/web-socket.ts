/** A WebSocket that is watched: numbered messages go out, and each must come back once and in order. */
import { Agent } from 'node:https';
import WebSocket from 'ws';
import { SILENCE_MS, TroubleError, type Way } from './connection.ts';

export interface WebSocketPlan {
  /** Messages to be echoed in all. */
  readonly messages: number;
  readonly everyMs: number;
}

export interface HeldWebSocket {
  /** Messages that came back, those of connections before included. */
  readonly echoed: number;
  /** Messages that came back changed, twice or out of order. */
  readonly wrong: number;
  readonly stallMs: number;
  /** What ended it before its time. */
  readonly trouble: TroubleError | undefined;
}

const OPEN_TIMEOUT_MS = 5_000;

export interface WebSocketProgress {
  /** Messages that are back already, from connections before. */
  readonly from: number;
  readonly echoed: (count: number) => void;
}

/** Resolves when all messages are back, or with the trouble that ended it. */
export function holdWebSocket(way: Way, plan: WebSocketPlan, progress: WebSocketProgress): Promise<HeldWebSocket> {
  const { origin, ca, cookie } = way;
  const socket = new WebSocket(`wss://${way.endpoint}/ws`, {
    agent: new Agent({ ca, servername: origin.hostname }),
    handshakeTimeout: OPEN_TIMEOUT_MS,
    headers: { host: origin.host, cookie, origin: origin.origin },
  });
  return new Promise((resolve) => new Watch(socket, plan, progress, resolve));
}

class Watch {
  readonly #socket: WebSocket;
  readonly #plan: WebSocketPlan;
  readonly #resolve: (held: HeldWebSocket) => void;
  readonly #progress: WebSocketProgress;
  readonly #silence: NodeJS.Timeout;
  #sending: NodeJS.Timeout | undefined;
  #sent: number;
  #echoed: number;
  #wrong = 0;
  #stallMs = 0;
  #lastMs = 0;

  constructor(
    socket: WebSocket,
    plan: WebSocketPlan,
    progress: WebSocketProgress,
    resolve: (held: HeldWebSocket) => void,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#resolve = resolve;
    this.#progress = progress;
    this.#sent = progress.from;
    this.#echoed = progress.from;
    this.#silence = setTimeout(() => this.#end(new TroubleError('silent', 'no echo')), SILENCE_MS);
    socket.on('open', () => this.#opened());
    socket.on('message', (data) => this.#received(String(data)));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      this.#end(new TroubleError('status', `${response.statusCode} to the upgrade`));
    });
    socket.on('error', (error) => this.#broke(error.message));
    socket.on('close', (code) => this.#broke(`closed with ${code}`));
  }

  #opened(): void {
    this.#lastMs = performance.now();
    this.#sending = setInterval(() => {
      if (this.#sent < this.#plan.messages) this.#socket.send(`message ${this.#sent++}`);
    }, this.#plan.everyMs);
  }

  #received(text: string): void {
    const nowMs = performance.now();
    this.#stallMs = Math.max(this.#stallMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#silence.refresh();
    if (text === `message ${this.#echoed}`) this.#progress.echoed(++this.#echoed);
    else this.#wrong++;
    if (this.#echoed >= this.#plan.messages) this.#end(undefined);
  }

  #broke(why: string): void {
    this.#end(new TroubleError(this.#lastMs === 0 ? 'no-connection' : 'truncated', why));
  }

  #end(trouble: TroubleError | undefined): void {
    clearInterval(this.#sending);
    clearTimeout(this.#silence);
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined);
    if (trouble) this.#socket.terminate();
    else this.#socket.close();
    const held = { echoed: this.#echoed, wrong: this.#wrong, stallMs: this.#stallMs, trouble };
    this.#resolve(held);
  }
}
