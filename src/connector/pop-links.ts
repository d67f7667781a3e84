import { assertNever, parseIpAddress } from '../base/index.ts';
import {
  CONNECTOR_LINK_PORT,
  decodePopToConnector,
  encodeMessage,
  type HeardPopsNews,
  MAX_CONNECTOR_LINE_CHARS,
  type PopToConnector,
  type SignedDocument,
  type SnapshotVersion,
  type TargetStatus,
} from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import { LINK_KEEP_ALIVE_IDLE_MS } from '../io/overlay/constants.ts';
import { LineChannel } from '../io/overlay/line-channel.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { LINK_END_MS, LINK_RETRY_MS, TARGETS_PER_MESSAGE } from './constants.ts';

export interface PopLinksOptions {
  readonly driver: OverlayDriver;
  readonly software: string;
  readonly log: Log;
  readonly have: () => SnapshotVersion | null;
  /** How every target is that is checked. */
  readonly targets: () => readonly TargetStatus[];
  readonly onGrant: (signed: SignedDocument, popId: string) => void;
  /** A PoP says which PoPs it hears. */
  readonly onReach: (news: HeardPopsNews, popId: string) => void;
  /** The link is closed; it may be opened again. */
  readonly onClosed: (popId: string) => void;
}

interface Link {
  readonly overlayAddress: string;
  stream: TunnelSocket | undefined;
  channel: LineChannel | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The link inside each tunnel that is up: PoPs bring news of the grant through it. */
export class PopLinks {
  readonly #options: PopLinksOptions;
  readonly #links = new Map<string, Link>();
  /** When the streams that are open at our stop are cut; undefined while we stay. */
  #endsAtMs: number | undefined;

  constructor(options: PopLinksOptions) {
    this.#options = options;
  }

  /** The tunnel to a PoP is up: open the link and keep it open. */
  tunnelUp(popId: string, overlayAddress: string): void {
    if (this.#links.has(popId)) return;
    const link: Link = { overlayAddress, stream: undefined, channel: undefined, timer: undefined };
    this.#links.set(popId, link);
    this.#open(popId, link);
  }

  /** The tunnel is down or gone. */
  tunnelDown(popId: string): void {
    const link = this.#links.get(popId);
    if (!link) return;
    this.#links.delete(popId);
    clearTimeout(link.timer);
    link.stream?.destroy();
  }

  /** Tells every PoP that we are about to stop, also one whose link opens later; streams live for `endsInMs` at most. */
  sayDraining(endsInMs: number): void {
    this.#endsAtMs = this.#options.driver.nowMs() + endsInMs;
    for (const { stream, channel } of this.#links.values())
      if (stream?.writable) channel?.send(encodeMessage({ type: 'draining', endsInMs }));
  }

  /** The tunnel is about to go: the PoP hears that we leave. */
  leave(popId: string): void {
    const link = this.#links.get(popId);
    if (!link) return;
    this.#links.delete(popId);
    clearTimeout(link.timer);
    const { stream } = link;
    if (!stream?.writable || stream.connecting) return void stream?.destroy();
    const late = setTimeout(() => stream.destroy(), LINK_END_MS);
    stream.once('close', () => clearTimeout(late)).end();
  }

  /** Whether the link with a PoP is open. */
  isOpen(popId: string): boolean {
    const stream = this.#links.get(popId)?.stream;
    return stream !== undefined && !stream.connecting && !stream.destroyed;
  }

  /** Overlay addresses of PoPs whose link is open. */
  openAddresses(): string[] {
    return [...this.#links].flatMap(([popId, { overlayAddress }]) => (this.isOpen(popId) ? overlayAddress : []));
  }

  /** Checks changed what is known of these targets. */
  targetsChanged(status: readonly TargetStatus[]): void {
    for (const { channel } of this.#links.values()) if (channel) sendTargets(channel, status);
  }

  close(): void {
    for (const popId of [...this.#links.keys()]) this.tunnelDown(popId);
  }

  #open(popId: string, link: Link): void {
    const { log, software, have, targets } = this.#options;
    const stream = this.#connect(popId, link.overlayAddress);
    link.stream = stream;
    if (!stream) {
      this.#retryLater(popId, link);
      return;
    }
    stream.setKeepAlive(true, LINK_KEEP_ALIVE_IDLE_MS);
    const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => this.#take(popId, stream, line));
    link.channel = channel;
    channel.send(encodeMessage({ type: 'hello', software, have: have() }));
    sendTargets(channel, targets());
    const endsInMs = this.#endsAtMs && Math.max(0, Math.round(this.#endsAtMs - this.#options.driver.nowMs()));
    if (endsInMs !== undefined) channel.send(encodeMessage({ type: 'draining', endsInMs }));
    stream.on('error', (error) => log.debug('link to PoP broke', { popId, error }));
    stream.on('end', () => stream.end());
    stream.on('close', () => {
      link.channel = undefined;
      const now = this.#links.get(popId);
      if (now === undefined || now === link) this.#options.onClosed(popId);
      if (now === link) this.#retryLater(popId, link);
    });
  }

  /** Undefined where the stack has no room for one more stream. */
  #connect(popId: string, overlayAddress: string): TunnelSocket | undefined {
    const address = parseIpAddress(overlayAddress);
    try {
      return address && this.#options.driver.connect(address, CONNECTOR_LINK_PORT);
    } catch (error) {
      this.#options.log.warn('link to PoP not opened', { popId, error });
      return undefined;
    }
  }

  #retryLater(popId: string, link: Link): void {
    link.timer = setTimeout(() => this.#open(popId, link), LINK_RETRY_MS);
  }

  #deliver(message: PopToConnector, popId: string): void {
    switch (message.type) {
      case 'grant':
        this.#options.onGrant(message.signed, popId);
        return;
      case 'reach':
        this.#options.onReach(message, popId);
        return;
      default:
        assertNever(message);
    }
  }

  /** A PoP that sends anything but messages loses its link until the next retry, so that it cannot keep us busy. */
  #take(popId: string, stream: TunnelSocket, line: string): void {
    const decoded = decodePopToConnector(line);
    if (decoded.ok) {
      this.#deliver(decoded.value, popId);
      return;
    }
    this.#options.log.warn('message from a PoP refused', { popId, reason: decoded.reason, path: decoded.path });
    stream.destroy();
  }
}

/** In messages of a size that every PoP takes. */
function sendTargets(channel: LineChannel, status: readonly TargetStatus[]): void {
  for (let at = 0; at < status.length; at += TARGETS_PER_MESSAGE)
    channel.send(encodeMessage({ type: 'targets', status: status.slice(at, at + TARGETS_PER_MESSAGE) }));
}
