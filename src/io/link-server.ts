/**
 * Control's end of the links: PoPs connect by WebSocket, prove their key, and from then on messages go both ways. Both
 * signatures cover the TLS exporter (RFC 8446 section 7.5), so nobody in the middle can pass them on.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type Clock, fromBase64Url, type Random, toBase64Url } from '../base/index.ts';
import {
  type ControlToPop,
  type Delegation,
  decodePopToControl,
  encodeMessage,
  LINK_EXPORTER_BYTES,
  LINK_EXPORTER_LABEL,
  LINK_NONCE_BYTES,
  MAX_POP_FRAME_CHARS,
  type PopToControl,
  type Signer,
  type SigningPort,
  type SnapshotVersion,
  signedBytes,
} from '../core/link/index.ts';
import type { StreamPosition } from '../core/session/index.ts';
import { addressGroup } from './address-group.ts';
import {
  LINK_BACKLOG_MAX_BYTES,
  LINK_HANDSHAKE_TIMEOUT_MS,
  LINK_PING_INTERVAL_MS,
  LINK_SILENCE_MS,
  LINK_UNPROVEN_MAX,
  LINK_UNPROVEN_PER_ADDRESS_MAX,
} from './link-constants.ts';

/** Kinds of messages that PoPs may send here and not to older control nodes. */
const TAKES: readonly PopToControl['type'][] = ['requests', 'captures', 'replayed'];

export type LinkCloseReason =
  | 'closed-by-pop'
  | 'server-stopping'
  | 'too-many-unproven'
  | 'handshake-timeout'
  | 'handshake-order'
  | 'pop-unknown'
  | 'pop-signature-wrong'
  | 'pop-revoked'
  | 'message-malformed'
  | 'replaced'
  | 'silent'
  | 'too-slow';

/** A PoP that has proved itself. */
export interface PopLink {
  readonly popId: string;
  /** What `x-manis-link` must carry behind the PoP's id. */
  readonly linkSecret: string;
  readonly have: SnapshotVersion | null;
  readonly revocations: StreamPosition;
  readonly software: string;
  /** Kinds of messages that not every PoP takes, and this one does. */
  readonly takes: readonly string[];
  readonly remoteAddress: string;
  readonly openedUnixMs: number;
  /** Monotonic time of its last sign of life. */
  readonly heardMs: () => number;
  /** Queues a message. A PoP that does not keep up is cut. */
  send(message: ControlToPop): void;
  close(reason: LinkCloseReason): void;
}

export interface LinkServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly controlId: string;
  readonly signer: Signer;
  readonly port: SigningPort;
  readonly delegation: () => Delegation;
  readonly caPem: () => string;
  /** The signing key pinned for an enrolled PoP. */
  readonly findSigningKey: (popId: string) => Promise<Uint8Array | undefined>;
  readonly opened: (link: PopLink) => void;
  readonly received: (link: PopLink, message: Exclude<PopToControl, { type: 'prove' | 'pong' }>) => void;
  readonly closed: (link: PopLink, reason: LinkCloseReason) => void;
  /** A connection ended before it was a link. */
  readonly refused: (reason: LinkCloseReason, remoteAddress: string) => void;
  readonly pingIntervalMs?: number;
  readonly silenceMs?: number;
}

export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #sockets: WebSocketServer;
  readonly #links = new Map<string, Connection>();
  readonly #unproven = new Set<Connection>();
  readonly #timer: NodeJS.Timeout;
  #stopping = false;

  constructor(options: LinkServerOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_POP_FRAME_CHARS, perMessageDeflate: false });
    this.#timer = setInterval(() => this.#beat(), options.pingIntervalMs ?? LINK_PING_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Takes over an HTTP upgrade to `LINK_PATH`. The socket must be a TLS one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const tls = request.socket as TLSSocket;
    const remoteAddress = tls.remoteAddress ?? '';
    if (this.#stopping) {
      this.#options.refused('server-stopping', remoteAddress);
      socket.destroy();
      return;
    }
    this.#makeRoomFor(remoteAddress);
    const exporter = tls.exportKeyingMaterial(LINK_EXPORTER_BYTES, LINK_EXPORTER_LABEL, Buffer.alloc(0));
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, exporter, remoteAddress, this.#options, {
        proved: (proved) => this.#admit(proved),
        ended: (ended, reason) => this.#forget(ended, reason),
      });
      this.#unproven.add(connection);
    });
  }

  /** Live links, one a PoP. */
  get links(): readonly PopLink[] {
    return [...this.#links.values()].flatMap((connection) => connection.link ?? []);
  }

  linkOf(popId: string): PopLink | undefined {
    return this.#links.get(popId)?.link;
  }

  close(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
    for (const connection of [...this.#links.values(), ...this.#unproven]) connection.close('server-stopping');
    this.#sockets.close();
  }

  /**
   * Closes the connection that has been unproven for longest, of this address or of all, where there are too many.
   * Refusing the new one instead would let anybody keep every PoP out by opening a few connections that say nothing.
   */
  #makeRoomFor(remoteAddress: string): void {
    const group = addressGroup(remoteAddress);
    const ofGroup = [...this.#unproven].filter((connection) => addressGroup(connection.remoteAddress) === group);
    const isFull = this.#unproven.size >= LINK_UNPROVEN_MAX;
    const [oldest] = ofGroup.length >= LINK_UNPROVEN_PER_ADDRESS_MAX ? ofGroup : isFull ? this.#unproven : [];
    oldest?.close('too-many-unproven');
  }

  #admit(connection: Connection): void {
    const { link } = connection;
    if (!link) return;
    this.#unproven.delete(connection);
    this.#links.get(link.popId)?.close('replaced');
    this.#links.set(link.popId, connection);
    this.#options.opened(link);
  }

  #forget(connection: Connection, reason: LinkCloseReason): void {
    this.#unproven.delete(connection);
    const { link } = connection;
    if (!link) return void this.#options.refused(reason, connection.remoteAddress);
    if (this.#links.get(link.popId) === connection) this.#links.delete(link.popId);
    this.#options.closed(link, reason);
  }

  #beat(): void {
    for (const connection of this.#links.values()) connection.beat();
  }
}

interface ConnectionEvents {
  proved(connection: Connection): void;
  ended(connection: Connection, reason: LinkCloseReason): void;
}

class Connection {
  readonly remoteAddress: string;
  link: PopLink | undefined;
  readonly #socket: WebSocket;
  readonly #exporter: Uint8Array;
  readonly #options: LinkServerOptions;
  readonly #events: ConnectionEvents;
  readonly #nonce: Uint8Array;
  readonly #handshakeTimer: NodeJS.Timeout;
  #proving = false;
  #ended = false;
  #heardMs: number;
  #lastBacklog = 0;

  constructor(
    socket: WebSocket,
    exporter: Uint8Array,
    remoteAddress: string,
    options: LinkServerOptions,
    events: ConnectionEvents,
  ) {
    this.#socket = socket;
    this.#exporter = exporter;
    this.remoteAddress = remoteAddress;
    this.#options = options;
    this.#events = events;
    this.#nonce = options.random.bytes(LINK_NONCE_BYTES);
    this.#heardMs = options.clock.nowMs();
    this.#handshakeTimer = setTimeout(() => this.close('handshake-timeout'), LINK_HANDSHAKE_TIMEOUT_MS);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('error', () => this.close('closed-by-pop'));
    socket.on('close', () => this.close('closed-by-pop'));
    this.#write({
      type: 'challenge',
      controlId: options.controlId,
      nonce: toBase64Url(this.#nonce),
      delegation: options.delegation(),
    });
  }

  close(reason: LinkCloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#handshakeTimer);
    this.#socket.close(reason === 'server-stopping' ? 1001 : 1008, reason);
    // The closing handshake is a courtesy; a PoP that does not answer it is not waited for.
    setTimeout(() => this.#socket.terminate(), 250).unref();
    this.#events.ended(this, reason);
  }

  /** Pings, and gives a silent PoP up. A backlog that shrinks is a sign of life too: a large snapshot takes its time. */
  beat(): void {
    const nowMs = this.#options.clock.nowMs();
    const backlog = this.#socket.bufferedAmount;
    if (backlog < this.#lastBacklog) this.#heardMs = nowMs;
    this.#lastBacklog = backlog;
    if (nowMs - this.#heardMs > (this.#options.silenceMs ?? LINK_SILENCE_MS)) this.close('silent');
    else this.#write({ type: 'ping', unixMs: Math.round(this.#options.clock.unixMs()) });
  }

  #write(message: ControlToPop): void {
    if (this.#ended) return;
    if (this.#socket.bufferedAmount > LINK_BACKLOG_MAX_BYTES) this.close('too-slow');
    else this.#socket.send(encodeMessage(message));
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    const decoded = isBinary ? undefined : decodePopToControl(data.toString());
    if (!decoded?.ok) return void this.close('message-malformed');
    this.#heardMs = this.#options.clock.nowMs();
    const message = decoded.value;
    if (message.type === 'prove') void this.#prove(message);
    else if (!this.link) this.close('handshake-order');
    else if (message.type !== 'pong') this.#options.received(this.link, message);
  }

  async #prove(message: Extract<PopToControl, { type: 'prove' }>): Promise<void> {
    if (this.#proving) return void this.close('handshake-order');
    this.#proving = true;
    const refusal = await this.#refusalOf(message).catch((): LinkCloseReason => 'pop-unknown');
    if (this.#ended) return;
    if (refusal) return void this.close(refusal);
    clearTimeout(this.#handshakeTimer);
    const popNonce = fromBase64Url(message.nonce) ?? new Uint8Array();
    const signature = this.#options.signer.sign(signedBytes('manis link control v1', popNonce, this.#exporter));
    const linkSecret = toBase64Url(this.#options.random.bytes(LINK_NONCE_BYTES));
    this.#write({
      ...{ type: 'welcome', signature: toBase64Url(signature), linkSecret, caPem: this.#options.caPem() },
      takes: TAKES,
    });
    this.link = {
      popId: message.popId,
      linkSecret,
      have: message.have,
      revocations: message.revocations,
      software: message.software,
      takes: message.takes ?? [],
      remoteAddress: this.remoteAddress,
      openedUnixMs: Math.round(this.#options.clock.unixMs()),
      heardMs: () => this.#heardMs,
      send: (next) => this.#write(next),
      close: (reason) => this.close(reason),
    };
    this.#events.proved(this);
  }

  async #refusalOf(message: Extract<PopToControl, { type: 'prove' }>): Promise<LinkCloseReason | undefined> {
    const nonce = fromBase64Url(message.nonce);
    const signature = fromBase64Url(message.signature);
    if (nonce?.length !== LINK_NONCE_BYTES || !signature) return 'message-malformed';
    const key = await this.#options.findSigningKey(message.popId);
    if (!key) return 'pop-unknown';
    const signed = signedBytes('manis link pop v1', this.#nonce, this.#exporter);
    return this.#options.port.verify(key, signed, signature) ? undefined : 'pop-signature-wrong';
  }
}
