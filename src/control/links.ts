/** What control says to each PoP and hears from it, over the link server of `io`. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Random } from '../base/index.ts';
import {
  type ControlToPop,
  compareVersions,
  type PopToControl,
  recordKey,
  type SnapshotState,
} from '../core/link/index.ts';
import type { Revocation, StreamPosition } from '../core/session/index.ts';
import { type LinkCloseReason, LinkServer, type PopLink } from '../io/link-server.ts';
import { sameSecret } from '../io/secrets.ts';
import { type CountersTable, findPop, readCounters, revocationsAfter } from '../io/store/index.ts';
import { CaptureIntake } from './captures/capture-intake.ts';
import { Replays } from './captures/replays.ts';
import { RESYNC_PAUSE_MS } from './constants.ts';
import { HeardPops } from './heard-pops.ts';
import type { ControlKeys } from './keys.ts';
import { newPeer, type Peer } from './link-peer.ts';
import { FactsOfPeers } from './peer-facts.ts';
import { PopAudit, type PopAuditOptions } from './pop-audit.ts';
import { findSigningKey } from './pop-keys.ts';
import type { PopStatus, PopStatuses } from './pop-statuses.ts';
import type { Publisher } from './publish/publisher.ts';
import { RequestIntake } from './request-log/request-intake.ts';
import { SignInNews } from './sign-in-news.ts';
import type { TargetHealth } from './target-health.ts';

export interface LinksOptions extends PopAuditOptions {
  readonly random: Random;
  readonly keys: ControlKeys;
  readonly caPem: () => string;
  readonly publisher: () => Publisher;
  readonly statuses: PopStatuses;
  /** How much an organisation may have of captured requests. */
  readonly captureBytesOf: (organisationId: string) => Promise<number>;
  /** Revocations up to this number go out to a PoP. */
  readonly revoked: (position: StreamPosition) => void;
  readonly targetHealth: TargetHealth;
  /** What a PoP found in DNS. */
  readonly lookedUp: (popId: string, message: Extract<PopToControl, { type: 'lookedUp' }>) => void;
}

type Heard = Exclude<PopToControl, { type: 'prove' | 'pong' }>;

export class Links {
  readonly facts: FactsOfPeers;
  readonly #options: LinksOptions;
  readonly #server: LinkServer;
  readonly #peers = new Map<PopLink, Peer>();
  readonly #audit: PopAudit;
  readonly requests: RequestIntake;
  readonly captures: CaptureIntake;
  readonly replays: Replays;
  readonly #heard: HeardPops;
  readonly #signIns: SignInNews;
  /** Messages of the revocation stream go out in order. */
  #pushing: Promise<void> = Promise.resolve();
  #pushWaiting: Promise<void> | undefined;
  #stopped = false;
  #draining: { readonly empty: () => void } | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.facts = new FactsOfPeers(options.log);
    this.#audit = new PopAudit(options);
    this.requests = new RequestIntake(options);
    this.captures = new CaptureIntake(options);
    this.replays = new Replays(options);
    this.#heard = new HeardPops({ links: this, statuses: options.statuses });
    this.#signIns = new SignInNews({ ...options, links: () => this.#peers.keys() });
    const { clock, random, caPem, signing: port } = options;
    const { controlId, signer, delegation } = options.keys;
    this.#server = new LinkServer({
      ...{ clock, random, caPem, port, controlId, signer, delegation },
      findSigningKey: (popId) => findSigningKey(options, popId),
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

  /** PoPs that are linked with any control node: with this one as they are now, with others as those have written. */
  async pops(): Promise<PopStatus[]> {
    const own = [...this.#peers.values()].map((peer) => this.#statusOf(peer));
    const others = await this.#options.statuses.ofOthers();
    return [...own, ...others.filter(({ popId }) => this.#server.linkOf(popId) === undefined)];
  }

  /** PoPs linked with this node whose last sign of life is no older than this. */
  heardWithin(ageMs: number): string[] {
    const sinceMs = this.#options.clock.nowMs() - ageMs;
    return [...this.#peers.keys()].filter((link) => link.heardMs() >= sinceMs).map(({ popId }) => popId);
  }

  /** Says something to every PoP that is linked with this node; gives their ids. */
  tell(message: ControlToPop): string[] {
    const links = [...this.#peers.keys()];
    for (const link of links) link.send(message);
    return links.map(({ popId }) => popId);
  }

  /** Links of PoPs that take a kind of message which not all of them know, those of these PoPs first. */
  taking(type: ControlToPop['type'], preferred: readonly (string | undefined)[]): PopLink[] {
    const links = [...this.#peers.keys()].filter(({ takes }) => takes.includes(type));
    const first = preferred.flatMap((popId) => links.filter((link) => link.popId === popId));
    return [...new Set([...first, ...links])];
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
    this.#audit.forget(popId);
    this.requests.forget(popId);
    this.captures.forget(popId);
    this.#server.linkOf(popId)?.close('pop-revoked');
  }

  /** Brings every PoP to the published state; one that was revoked through another control node is cut. */
  pushState(state: SnapshotState): void {
    for (const peer of this.#peers.values()) {
      if (state.records.has(recordKey({ kind: 'pop', id: peer.link.popId }))) this.#sendState(peer);
      else void this.#cutUnlessEnrolled(peer.link.popId);
    }
    this.#options.log.debug('published', { version: state.version, pops: this.#peers.size });
  }

  /** Sends what was revoked since the last time; quick when there is nothing. */
  pushRevocations(): void {
    if (this.#stopped || this.#peers.size === 0) return;
    // One that waits will read what this call would.
    this.#pushWaiting ??= this.#inOrder(async () => {
      this.#pushWaiting = undefined;
      const counters = await readCounters(this.#options.store.database);
      for (const peer of this.#peers.values()) await this.#sendRevocations(peer, counters);
    });
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
    this.#heard.stop();
    this.#signIns.stop();
    this.#server.close();
    await this.#pushing;
    await this.#options.statuses.stop();
    await this.#options.targetHealth.stop();
  }

  #inOrder(push: () => Promise<void>): Promise<void> {
    this.#pushing = this.#pushing
      .then(push)
      .catch((error: unknown) => this.#options.log.error('revocations could not be sent', { error }));
    return this.#pushing;
  }

  /** A state may be older than the enrolment of a PoP that has just come. */
  async #cutUnlessEnrolled(popId: string): Promise<void> {
    try {
      if (!(await findPop(this.#options.store.database, popId))) this.cut(popId);
    } catch (error) {
      this.#options.log.warn('the store cannot be asked about a PoP', { popId, error });
    }
  }

  #statusOf(peer: Peer): PopStatus {
    const { link, applied, revocationsApplied, connectors, streams, draining } = peer;
    const { popId, software, openedUnixMs: connectedSinceUnixMs } = link;
    const told = { applied, revocationsApplied, connectors, streams, draining };
    return { popId, controlId: this.#options.keys.controlId, software, connectedSinceUnixMs, ...told };
  }

  #opened(link: PopLink): void {
    this.facts.forget(link.popId);
    const { log, clock } = this.#options;
    const peer = newPeer(link, clock.nowMs() - RESYNC_PAUSE_MS);
    this.#peers.set(link, peer);
    this.#signIns.opened();
    log.info('PoP connected', { popId: link.popId, software: link.software, have: link.have });
    const current = this.#options.publisher().current?.version;
    if (current && link.have && compareVersions(link.have, current) > 0)
      log.warn('a PoP has more than the store: was the store restored?', {
        popId: link.popId,
        have: link.have,
        current,
      });
    this.#options.statuses.opened(this.#statusOf(peer));
    this.#sendState(peer);
    void this.#inOrder(() => this.#sendRevocations(peer, undefined));
  }

  #closed(link: PopLink, reason: LinkCloseReason): void {
    this.#peers.delete(link);
    // One that was replaced by a newer link to this node goes on there.
    if (this.#server.linkOf(link.popId) === undefined) this.#options.statuses.closed(link.popId);
    this.replays.lost(link.popId);
    this.#options.log.info('PoP disconnected', { popId: link.popId, reason });
    if (this.#peers.size === 0) this.#draining?.empty();
  }

  #received(link: PopLink, message: Heard): void {
    const peer = this.#peers.get(link);
    if (!peer || this.#passOn(link, message)) return;
    if (message.type === 'applied') peer.applied = message.version;
    else if (message.type === 'revocationsApplied') {
      peer.revocationsApplied = message.position;
      this.facts.revoked(link.popId, this.#options.clock.unixMs());
    } else if (message.type === 'status') {
      peer.connectors = message.connectors;
      peer.streams = message.streams ?? peer.streams;
      peer.draining = message.draining ?? false;
      this.facts.clock(link.popId, message.clockSkewMs ?? null);
      this.facts.certificates(link.popId, message.certificates ?? []);
      this.facts.load(link.popId, message.load ?? null);
    } else if (message.type === 'resync') this.#resync(peer, message.reason);
    this.#options.statuses.changed(this.#statusOf(peer));
  }

  /** What is for others to take; false: it is about the PoP. */
  #passOn(link: PopLink, message: Heard): boolean {
    const { targetHealth, lookedUp } = this.#options;
    if (message.type === 'targets') targetHealth.received(link.popId, message);
    else if (message.type === 'lookedUp') lookedUp(link.popId, message);
    else if (message.type === 'audit') void this.#audit.take(link, message.events);
    else if (message.type === 'requests') void this.requests.take(link.popId, message);
    else if (message.type === 'captures') void this.captures.take(link.popId, message);
    else if (message.type === 'replayed') this.replays.answered(link.popId, message);
    else return false;
    return true;
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

  /** Without counters everything that the PoP has not said it has, be it nothing. */
  async #sendRevocations(peer: Peer, counters: CountersTable | undefined): Promise<void> {
    const { store, clock } = this.#options;
    const sent = peer.revocationsSent;
    const { epoch, revocation_sequence: sequence } = counters ?? (await readCounters(store.database));
    if (counters && sent.epoch === epoch && sent.sequence === sequence) return;
    // After a restore the numbers begin anew in meaning, so a PoP of an older epoch is told everything.
    const found = await revocationsAfter(store.database, sent.epoch === epoch ? sent.sequence : 0, clock.unixMs());
    peer.revocationsSent = found.position;
    const entries = found.entries.map((entry) => JSON.parse(entry) as Revocation);
    this.#options.revoked(found.position);
    peer.link.send({ type: 'revocations', position: found.position, entries });
  }
}
