/** One try of a PoP at a link to a control node: proves its key, verifies the other end up to the pinned root key. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { assertNever, type Clock, fromBase64Url, type Random, toBase64Url } from '../base/index.ts';
import {
  type ControlToPop,
  decodeControlToPop,
  encodeMessage,
  LINK_EXPORTER_BYTES,
  LINK_EXPORTER_LABEL,
  LINK_NONCE_BYTES,
  MAX_CONTROL_FRAME_CHARS,
  type PopToControl,
  type Signer,
  type SigningPort,
  type SnapshotVersion,
  signedBytes,
  verifyDelegation,
} from '../core/link/index.ts';
import type { StreamPosition } from '../core/session/index.ts';
import { LINK_CLIENT_BACKLOG_MAX_BYTES, LINK_HANDSHAKE_TIMEOUT_MS, LINK_SILENCE_MS } from './link-constants.ts';

/** Kinds of messages that a PoP of this version takes, and older ones do not. */
const TAKES: readonly ControlToPop['type'][] = ['replay'];

export type LinkEndReason =
  | 'stopped'
  | 'moved'
  | 'connect-failed'
  | 'closed-by-control'
  | 'handshake-timeout'
  | 'handshake-order'
  | 'message-malformed'
  | 'control-not-delegated'
  | 'control-signature-wrong'
  | 'silent';

/** What the link is good for while it lives. */
export interface OpenLink {
  readonly controlId: string;
  /** `https://host:port` of the control node, for this PoP's requests to it. */
  readonly baseUrl: string;
  /** Value of the header `x-manis-link` of those requests. */
  readonly authentication: string;
  /** What control's HTTPS certificate must chain to. */
  readonly caPem: string;
  /** Kinds of messages that not every control node takes, and this one does. Left out: none. */
  readonly takes?: readonly string[];
}

export type LinkMessage = Exclude<ControlToPop, { type: 'challenge' | 'welcome' | 'ping' | 'draining' }>;

/** What every try has in common. */
export interface AttemptOptions {
  readonly popId: string;
  readonly signer: Signer;
  readonly port: SigningPort;
  /** Pinned at enrolment. */
  readonly rootKey: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly software: string;
  /** What the PoP has, asked at each connection. */
  readonly have: () => { readonly version: SnapshotVersion | null; readonly revocations: StreamPosition };
  readonly received: (message: LinkMessage) => void;
  /** How far this machine's clock is ahead of control's, with each ping; the way of the ping included. */
  readonly clockSkew?: (skewMs: number) => void;
  readonly silenceMs?: number;
}

export interface AttemptEvents {
  opened(link: OpenLink): void;
  draining(): void;
  ended(reason: LinkEndReason, detail: string): void;
}

/** One connection, from its first byte to its end. */
export class LinkAttempt {
  link: OpenLink | undefined;
  readonly url: string;
  readonly #options: AttemptOptions;
  readonly #events: AttemptEvents;
  readonly #socket: WebSocket;
  readonly #nonce: Uint8Array;
  #exporter: Uint8Array | undefined;
  #control: { readonly id: string; readonly signingKey: Uint8Array } | undefined;
  #timer: NodeJS.Timeout;
  #ended = false;

  constructor(url: string, options: AttemptOptions, events: AttemptEvents) {
    this.url = url;
    this.#options = options;
    this.#events = events;
    this.#nonce = options.random.bytes(LINK_NONCE_BYTES);
    // The certificate proves nothing here and need not: control's signature, up to the pinned root key, covers this
    // connection's exporter, which somebody in the middle could not reproduce.
    this.#socket = new WebSocket(url, {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      perMessageDeflate: false,
      maxPayload: MAX_CONTROL_FRAME_CHARS,
      handshakeTimeout: LINK_HANDSHAKE_TIMEOUT_MS,
    });
    this.#timer = setTimeout(() => this.end('handshake-timeout', url), LINK_HANDSHAKE_TIMEOUT_MS);
    this.#socket.on('upgrade', (response) => this.#takeExporter(response));
    this.#socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : data.toString()));
    this.#socket.on('error', (error) => this.end('connect-failed', error.message));
    this.#socket.on('close', (_code, reason) => this.end('closed-by-control', reason.toString()));
  }

  end(reason: LinkEndReason, detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket.close();
    setTimeout(() => this.#socket.terminate(), 250).unref();
    this.#events.ended(reason, detail);
  }

  send(message: PopToControl): boolean {
    if (this.#ended || !this.link || this.#socket.bufferedAmount > LINK_CLIENT_BACKLOG_MAX_BYTES) return false;
    this.#socket.send(encodeMessage(message));
    return true;
  }

  #takeExporter(response: IncomingMessage): void {
    const tls = response.socket as TLSSocket;
    this.#exporter = tls.exportKeyingMaterial(LINK_EXPORTER_BYTES, LINK_EXPORTER_LABEL, Buffer.alloc(0));
  }

  #receive(text: string): void {
    if (this.#ended) return;
    const decoded = decodeControlToPop(text);
    if (!decoded.ok) return void this.end('message-malformed', `${decoded.reason} ${decoded.path}`);
    const message = decoded.value;
    switch (message.type) {
      case 'challenge':
        return void this.#prove(message);
      case 'welcome':
        return void this.#welcome(message);
      case 'ping':
        this.#heard();
        this.send({ type: 'pong', unixMs: message.unixMs });
        this.#options.clockSkew?.(Math.round(this.#options.clock.unixMs() - message.unixMs));
        return;
      case 'draining':
        return void this.#events.draining();
      case 'snapshot':
      case 'delta':
      case 'revocations':
      case 'auditStored':
      case 'pops':
      case 'lookUp':
      case 'signIns':
      case 'replay':
        if (!this.link) return void this.end('handshake-order', message.type);
        this.#heard();
        return void this.#options.received(message);
      default:
        assertNever(message);
    }
  }

  #prove(message: Extract<ControlToPop, { type: 'challenge' }>): void {
    if (this.#control || !this.#exporter) return void this.end('handshake-order', message.type);
    const { rootKey, clock, port, have, popId, signer, software } = this.#options;
    const verified = verifyDelegation(message.delegation, rootKey, clock.unixMs(), port);
    if (!verified.ok) return void this.end('control-not-delegated', verified.reason);
    if (verified.controlId !== message.controlId) return void this.end('control-not-delegated', 'signer-mismatch');
    const nonce = fromBase64Url(message.nonce);
    if (nonce?.length !== LINK_NONCE_BYTES) return void this.end('message-malformed', 'nonce');
    this.#control = { id: verified.controlId, signingKey: verified.signingKey };
    const signature = signer.sign(signedBytes('manis link pop v1', nonce, this.#exporter));
    const had = have();
    const proof: PopToControl = {
      type: 'prove',
      popId,
      nonce: toBase64Url(this.#nonce),
      signature: toBase64Url(signature),
      have: had.version,
      revocations: had.revocations,
      software,
      takes: TAKES,
    };
    this.#socket.send(encodeMessage(proof));
  }

  #welcome(message: Extract<ControlToPop, { type: 'welcome' }>): void {
    if (!this.#control || !this.#exporter || this.link) return void this.end('handshake-order', message.type);
    const signature = fromBase64Url(message.signature) ?? new Uint8Array();
    const signed = signedBytes('manis link control v1', this.#nonce, this.#exporter);
    if (!this.#options.port.verify(this.#control.signingKey, signed, signature))
      return void this.end('control-signature-wrong', this.url);
    const { host } = new URL(this.url);
    this.link = {
      controlId: this.#control.id,
      baseUrl: `https://${host}`,
      authentication: `${this.#options.popId}.${message.linkSecret}`,
      caPem: message.caPem,
      takes: message.takes ?? [],
    };
    this.#heard();
    this.#events.opened(this.link);
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end('silent', this.url), this.#options.silenceMs ?? LINK_SILENCE_MS);
  }
}
