/** What control says to each PoP and hears from it, over the link server of `io`. Status is kept in memory alone. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, fromBase64Url, type Random, utf8 } from '../base/index.ts';
import type {
  AttachedConnector,
  AuditEvent,
  PopToControl,
  SigningPort,
  SnapshotState,
  SnapshotVersion,
} from '../core/link/index.ts';
import type { Revocation, StreamPosition } from '../core/session/index.ts';
import { type LinkCloseReason, LinkServer, type PopLink } from '../io/link-server.ts';
import type { Log } from '../io/log.ts';
import { sameSecret } from '../io/secrets.ts';
import {
  type AuditEventsTable,
  findPop,
  insertAuditEvents,
  readCounters,
  revocationsAfter,
  type Store,
} from '../io/store/index.ts';
import { AuditAllowance } from './audit-allowance.ts';
import { RESYNC_PAUSE_MS } from './constants.ts';
import { idOf } from './ids.ts';
import type { ControlKeys } from './keys.ts';
import type { Publisher } from './publish/publisher.ts';

export interface LinksOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: ControlKeys;
  readonly signing: SigningPort;
  readonly log: Log;
  readonly store: Store;
  readonly caPem: () => string;
  readonly publisher: () => Publisher;
}

/** What is known of a PoP whose link lives. */
export interface ConnectedPop {
  readonly link: PopLink;
  readonly applied: SnapshotVersion | null;
  readonly revocationsApplied: StreamPosition;
  readonly connectors: readonly AttachedConnector[];
  /** In its own words: it takes no new work. */
  readonly draining: boolean;
}

interface Peer extends ConnectedPop {
  applied: SnapshotVersion | null;
  revocationsApplied: StreamPosition;
  connectors: readonly AttachedConnector[];
  draining: boolean;
  /** What was sent last; the PoP may not have applied it yet. */
  sent: SnapshotVersion | null;
  revocationsSent: StreamPosition;
  wholeSentMs: number;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #server: LinkServer;
  readonly #peers = new Map<PopLink, Peer>();
  /** By PoP: a link that breaks and comes back does not begin anew. */
  readonly #allowances = new Map<string, AuditAllowance>();
  /** Messages of the revocation stream go out in order. */
  #pushing: Promise<void> = Promise.resolve();
  #stopped = false;
  #draining: { readonly empty: () => void } | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#server = new LinkServer({
      clock: options.clock,
      random: options.random,
      controlId: options.keys.controlId,
      signer: options.keys.signer,
      port: options.signing,
      delegation: options.keys.delegation,
      caPem: options.caPem,
      findSigningKey: async (popId) => {
        const row = await findPop(options.store.database, popId);
        return row && fromBase64Url(row.signing_key);
      },
      opened: (link) => this.#opened(link),
      received: (link, message) => this.#received(link, message),
      closed: (link, reason) => this.#closed(link, reason),
      refused: (reason, remoteAddress) => options.log.warn('link refused', { reason, remoteAddress }),
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A PoP that is refused tries the next control node at once.
    if (this.#draining) socket.destroy();
    else this.#server.upgrade(request, socket, head);
  }

  get pops(): readonly ConnectedPop[] {
    return [...this.#peers.values()];
  }

  popOf(popId: string): ConnectedPop | undefined {
    return this.pops.find((peer) => peer.link.popId === popId);
  }

  /** The PoP whose live link a request's `x-manis-link` proves, or undefined. */
  popOfHeader(header: string | undefined): string | undefined {
    const dot = header?.indexOf('.') ?? -1;
    if (header === undefined || dot < 0) return undefined;
    const link = this.#server.linkOf(header.slice(0, dot));
    return link && sameSecret(link.linkSecret, header.slice(dot + 1)) ? link.popId : undefined;
  }

  /** A PoP is no longer enrolled. */
  cut(popId: string): void {
    this.#allowances.delete(popId);
    this.#server.linkOf(popId)?.close('pop-revoked');
  }

  /** Brings every PoP to the published state. */
  pushState(state: SnapshotState): void {
    for (const peer of this.#peers.values()) this.#sendState(peer);
    this.#options.log.debug('published', { version: state.version, pops: this.#peers.size });
  }

  /** Sends what was revoked since the last time; quick when there is nothing. */
  pushRevocations(): void {
    if (this.#stopped || this.#peers.size === 0) return;
    this.#pushing = this.#pushing
      .then(async () => {
        for (const peer of this.#peers.values()) await this.#sendRevocations(peer, false);
      })
      .catch((error: unknown) => this.#options.log.error('revocations could not be sent', { error }));
  }

  /** Takes no more links and asks PoPs to move to another control node. Resolved when they have, or after `graceMs`. */
  drain(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, graceMs);
      const empty = (): void => {
        clearTimeout(late);
        resolve();
      };
      this.#draining = { empty };
      for (const peer of this.#peers.values()) peer.link.send({ type: 'draining' });
      if (this.#peers.size === 0) empty();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#server.close();
    await this.#pushing;
  }

  #opened(link: PopLink): void {
    const { log, clock } = this.#options;
    const peer: Peer = {
      link,
      applied: link.have,
      revocationsApplied: link.revocations,
      connectors: [],
      draining: false,
      sent: link.have,
      revocationsSent: link.revocations,
      wholeSentMs: clock.nowMs() - RESYNC_PAUSE_MS,
    };
    this.#peers.set(link, peer);
    log.info('PoP connected', { popId: link.popId, software: link.software, have: link.have });
    this.#sendState(peer);
    this.#pushing = this.#pushing
      .then(() => this.#sendRevocations(peer, true))
      .catch((error: unknown) => log.error('revocations could not be sent', { error }));
  }

  #closed(link: PopLink, reason: LinkCloseReason): void {
    this.#peers.delete(link);
    this.#options.log.info('PoP disconnected', { popId: link.popId, reason });
    if (this.#peers.size === 0) this.#draining?.empty();
  }

  #received(link: PopLink, message: Exclude<PopToControl, { type: 'prove' | 'pong' }>): void {
    const peer = this.#peers.get(link);
    if (!peer) return;
    if (message.type === 'applied') peer.applied = message.version;
    else if (message.type === 'revocationsApplied') peer.revocationsApplied = message.position;
    else if (message.type === 'status') {
      peer.connectors = message.connectors;
      peer.draining = message.draining ?? false;
    } else if (message.type === 'resync') this.#resync(peer, message.reason);
    else void this.#storeAudit(link, message.events);
  }

  #resync(peer: Peer, reason: string): void {
    const { log, clock } = this.#options;
    log.warn('PoP asks for the whole snapshot', { popId: peer.link.popId, reason: reason.slice(0, 200) });
    peer.sent = null;
    const waitMs = Math.max(0, peer.wholeSentMs + RESYNC_PAUSE_MS - clock.nowMs());
    setTimeout(() => {
      if (this.#peers.has(peer.link)) this.#sendState(peer);
    }, waitMs).unref();
  }

  #sendState(peer: Peer): void {
    const message = this.#options.publisher().messageFor(peer.link.popId, peer.sent);
    if (!message) return;
    if (message.type === 'snapshot') peer.wholeSentMs = this.#options.clock.nowMs();
    peer.sent = this.#options.publisher().current?.version ?? null;
    peer.link.send(message);
  }

  async #sendRevocations(peer: Peer, first: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const { epoch, revocation_sequence: sequence } = await readCounters(store.database);
    const sent = peer.revocationsSent;
    if (!first && sent.epoch === epoch && sent.sequence === sequence) return;
    // After a restore the numbers begin anew in meaning, so a PoP of an older epoch is told everything.
    const found = await revocationsAfter(store.database, sent.epoch === epoch ? sent.sequence : 0, clock.unixMs());
    peer.revocationsSent = found.position;
    const entries = found.entries.map((entry) => JSON.parse(entry) as Revocation);
    peer.link.send({ type: 'revocations', position: found.position, entries });
  }

  /** How many of a PoP's audit events may be stored now. */
  #allowed(popId: string, count: number): number {
    const { clock, log } = this.#options;
    const allowance = this.#allowances.get(popId) ?? new AuditAllowance(clock.nowMs());
    this.#allowances.set(popId, allowance);
    const allowed = allowance.take(count, clock.nowMs());
    if (allowed < count) log.warn('audit events of a PoP were too many', { popId, dropped: allowance.refused });
    return allowed;
  }

  async #storeAudit(link: PopLink, events: readonly AuditEvent[]): Promise<void> {
    const { store, signing, log } = this.#options;
    try {
      const kept = events.slice(0, this.#allowed(link.popId, events.length));
      await insertAuditEvents(
        store.database,
        kept.map((event) => auditRowOf(link.popId, event, signing)),
      );
      // Those that were too many are gone for good; the PoP need not send them again.
      link.send({ type: 'auditStored', ids: events.map((event) => event.id) });
    } catch (error) {
      log.error('audit events of a PoP were not stored', { popId: link.popId, error });
    }
  }
}

/** The row's id follows from PoP, event and time: sent twice it is one row, and no PoP can take another's id. */
function auditRowOf(popId: string, event: AuditEvent, signing: SigningPort): AuditEventsTable {
  const { id, unixMs, userId, resourceId, clientAddress, outcome, ...detail } = event;
  return {
    id: idOf('aud', unixMs, signing.sha256(utf8(`${popId}/${id}`))),
    unix_ms: unixMs,
    source: popId,
    actor: userId === null ? null : `user:${userId}`,
    action: 'request',
    subject: resourceId,
    outcome,
    client_address: clientAddress,
    detail: JSON.stringify(detail),
  };
}
