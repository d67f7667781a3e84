import type { Duplex } from 'node:stream';
import { parseIpAddress } from '../base/index.ts';
import type { AttachedConnector, SnapshotState, TargetStatus } from '../core/link/index.ts';
import { clientPrefix, type PrefixRttClaim, PrefixRtts } from '../core/steering/index.ts';
import type { CertificatePaths } from '../io/certificate-files.ts';
import { ConnectionLimiter } from '../io/connection-limiter.ts';
import { RecentConnections } from '../io/connection-rates.ts';
import { HandshakeTimes } from '../io/handshake-times.ts';
import { type ListenEndpoint, type Listener, listenHttp, listenHttps } from '../io/https-server.ts';
import type { LinkMessage } from '../io/link-attempt.ts';
import { type LinkClient, type LinkClientOptions, linkUrl } from '../io/link-client.ts';
import { assemble, type PopMaterials, type PopParts } from './assemble.ts';
import { CertificateTable } from './certificates.ts';
import { shownCertificates } from './client-certificates.ts';
import { proxiedBy } from './client-facts.ts';
import { isDrained, leaveConnector, noteTargets, type PopStatusLoad, statusOf } from './connector-news.ts';
import { AUDIT_INTERVAL_MS, ENDING_MS, MAXIMUM_CONNECTIONS, MAXIMUM_CONNECTIONS_PER_ADDRESS } from './constants.ts';
import type { Counters } from './counters.ts';
import { Drain, type DrainPhase, type DrainTimes, type Leavable } from './drain.ts';
import { everySecond } from './every-second.ts';
import { HandIns } from './hand-ins.ts';
import { RedirectIngress } from './ingress.ts';
import { LISTENER_LIMITS } from './listener-limits.ts';
import { followFiles } from './local-certificates.ts';
import type { PopFacts } from './metrics.ts';
import { factsOf, observationOf, type PopObservation } from './observation.ts';
import type { SnapshotView } from './snapshot-view.ts';
import { type DnsOptions, openDns, type RunningDns } from './steering/open-dns.ts';
import { openStreams, type StreamOptions } from './streams/open-streams.ts';
import type { RunningStreams } from './streams/running-streams.ts';

/** What the PoP hears from its link, and what the link asks. */
export type LinkEvents = Pick<LinkClientOptions, 'have' | 'opened' | 'received' | 'ended' | 'moreUrls' | 'clockSkew'>;

/** The PoP's end of the link to control; `LinkClient` is one. */
export type PopLink = Pick<LinkClient, 'start' | 'stop' | 'send' | 'link'>;

export interface PopOptions extends PopMaterials {
  readonly https: readonly ListenEndpoint[];
  readonly httpRedirect?: ListenEndpoint;
  readonly openLink: (events: LinkEvents) => PopLink;
  /** Every new state of the snapshot, the one from disk included: for the tunnels. */
  readonly snapshotChanged?: (state: SnapshotState) => void;
  /** Certificates that this PoP has beside those of control, and before them. */
  readonly certificateFiles?: readonly CertificatePaths[];
  /** Left out: it answers no DNS. */
  readonly dns?: DnsOptions;
  /** Where resources that are no HTTP are listened for. Left out: where browsers are, on ports from 1024 on. */
  readonly streams?: StreamOptions;
  /** Ports of such resources opened, closed or could not be had: tell control. */
  readonly streamsChanged?: () => void;
  /** Connections of clients that it is built for; others get its clients when it nears them. Left out: as many as it takes. */
  readonly capacity?: number;
  /** Left out: none, for tests. */
  readonly drain?: DrainTimes;
  /** It takes no new work from now on, or takes it again: tell the others at once. */
  readonly drainChanged?: (phase: DrainPhase) => void;
}

export interface RunningPop extends PopFacts, PopObservation {
  /** Where it listens, in the order of the options, with the ports that were given. */
  readonly https: readonly ListenEndpoint[];
  readonly httpRedirect: ListenEndpoint | undefined;
  readonly dns: readonly ListenEndpoint[];
  counters(): ReturnType<Counters['values']>;
  /** The next few round trips to blocks of client addresses that the other PoPs are told of. */
  nextRoundTrips(): PrefixRttClaim[];
  /** Tells control which connectors are attached, and how busy it is. False where there is no link. */
  reportConnectors(connectors: readonly AttachedConnector[], load?: PopStatusLoad): boolean;
  /** What a connector says of the targets of its site, or this PoP found of those behind a device. */
  targetsChecked(connectorId: string, status: readonly TargetStatus[]): void;
  /** A connector hands something in for control; the port of the overlay says what. */
  handIn(connectorId: string, port: number, stream: Duplex): void;
  /** The last path to a connector went down: requests that wait for an answer through it are tried elsewhere. */
  connectorLost(overlayAddress: string): void;
  /** A connector is about to stop, and cuts what is open after `endsInMs`: before, what never ends is ended in good order. */
  connectorDraining(overlayAddress: string, endsInMs: number): void;
  /**
   * Drains, and stops when nothing is open any more, at the latest at the deadline; writes what is not on disk yet.
   * @param graceMs without draining: open requests have this time.
   */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts a PoP: takes up the snapshot from disk, listens, then links with control. Rejects with Failure
 * `listen-failed` where a port cannot be had; nothing is left open then.
 */
export async function startPop(options: PopOptions): Promise<RunningPop> {
  const { log } = options;
  const certificates = new CertificateTable((record, error) =>
    log.error('certificate unusable', { certificate: record.id, error }),
  );
  const listeners: Listener[] = [];
  const parts: PopParts = assemble(options, certificates, (view) => adopt(view));
  const streams = openStreams(parts, options, listeners);
  const drain = drainOf(options, parts, () => [...listeners, streams]);
  const local = await followFiles(options, certificates);
  const adopt = (view: SnapshotView): void => {
    certificates.replace(view.certificates);
    void parts.geography.want(view.policies.needs);
    parts.choice.retain(view);
    parts.upstreams.retain((target) => view.holds(target));
    options.snapshotChanged?.(view.state);
    drain.want('administrator', isDrained(view, options.popId));
    void streams.follow(view);
    parts.live.review();
  };
  await takeUp(parts);
  const limiter = limiterOf(parts, options);
  const rtts = new PrefixRtts();
  const httpsListeners = await listenAll(options, parts, { certificates, streams }, listeners, limiter, rtts);
  streams.open();
  const dns = await dnsOf(options, parts, listeners, rtts);
  const link = options.openLink(linkEvents(parts, streams, options, dns, (message) => link.send(message)));
  const handIns = new HandIns(parts.control);
  const ticking = setInterval(() => everySecond(parts, streams, link, options.clock.unixMs()), AUDIT_INTERVAL_MS);
  link.start();
  const redirect = listeners.at(httpsListeners);
  const facts = factsOf(limiter, streams, drain, options.capacity);
  return {
    ...facts,
    ...observationOf(parts, certificates, facts, link, options.clock),
    https: listeners.slice(0, httpsListeners).map(({ host, port }) => ({ host, port })),
    httpRedirect: redirect && { host: redirect.host, port: redirect.port },
    dns: dns?.endpoints ?? [],
    counters: () => parts.counters.values(),
    nextRoundTrips: () => rtts.nextReport(),
    reportConnectors: (connectors, load) => link.send(statusOf(connectors, drain, parts, streams, load)),
    targetsChecked: (connectorId, status) => noteTargets(parts, connectorId, status),
    handIn: (connectorId, port, stream) => handIns.accept(connectorId, port, stream),
    connectorLost(overlayAddress) {
      parts.held.wayLost(overlayAddress);
      parts.live.connectorLost(overlayAddress);
    },
    connectorDraining: (overlayAddress, endsInMs) => leaveConnector(parts, overlayAddress, endsInMs),
    stop: async (graceMs) => {
      if (graceMs === undefined) await drain.finish();
      else await Promise.all([...listeners, streams].map((listener) => listener.close(graceMs)));
      drain.clear();
      local.stop();
      clearInterval(ticking);
      await dns?.close();
      await finish(parts, link, graceMs === undefined ? ENDING_MS : 0);
    },
  };
}

/** What is on the disk. */
async function takeUp({ signIns, holder, audit, held, geography }: PopParts): Promise<void> {
  await signIns.load();
  await holder.load();
  await audit.open();
  if (!holder.view) return;
  held.started();
  await geography.want(holder.view.policies.needs);
}

function limiterOf({ counters }: PopParts, { connectionRates, clock }: PopOptions): ConnectionLimiter {
  const recent = connectionRates && new RecentConnections(connectionRates, clock);
  const refused = (reason: string): void => counters.add('requests', reason);
  return new ConnectionLimiter(MAXIMUM_CONNECTIONS, MAXIMUM_CONNECTIONS_PER_ADDRESS, refused, recent);
}

/** Ends what goes on behind the listeners, when those are closed. */
async function finish(
  { audit, control, upstreams, holder, ledger, signIns }: PopParts,
  link: PopLink,
  flushMs: number,
): Promise<void> {
  if (flushMs > 0 && link.link) await audit.flush((events) => link.send({ type: 'audit', events }), flushMs);
  await audit.close();
  link.stop();
  control.stop();
  await upstreams.close();
  await holder.saved();
  await ledger.settled();
  await signIns.save();
}

function drainOf(options: PopOptions, { live }: PopParts, listeners: () => readonly Leavable[]): Drain {
  return new Drain({
    listeners,
    live,
    times: options.drain ?? { graceMs: 0, streamsMs: 0 },
    changed(phase) {
      options.log.info('drain', { phase, open: live.size });
      options.drainChanged?.(phase);
    },
  });
}

/** Opens every listener, or none. Gives how many of them are HTTPS; those come first. */
async function listenAll(
  options: PopOptions,
  parts: PopParts,
  { certificates, streams }: { readonly certificates: CertificateTable; readonly streams: RunningStreams },
  listeners: Listener[],
  limiter: ConnectionLimiter,
  rtts: PrefixRtts,
): Promise<number> {
  const { proxies } = options;
  const handshakes = new HandshakeTimes(options.clock, (text, rttMs) => {
    const address = parseIpAddress(text);
    // Behind a proxy the handshake tells how far that one is.
    if (address && !proxies) rtts.observe(clientPrefix(address).text, rttMs);
  });
  const { counters, ingress, holder, nextRequestId } = parts;
  const proxied = proxiedBy(proxies, counters);
  const shown = { ...shownCertificates(() => holder.view, certificates, options.clock), passing: streams.passing };
  try {
    for (const endpoint of options.https)
      listeners.push(await listenHttps(endpoint, shown, LISTENER_LIMITS, limiter, ingress, handshakes, proxied));
    const httpsListeners = listeners.length;
    const redirects = new RedirectIngress({ holder, counters, clock: options.clock, nextRequestId });
    if (options.httpRedirect)
      listeners.push(await listenHttp(options.httpRedirect, LISTENER_LIMITS, limiter, redirects, proxied));
    return httpsListeners;
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close(0)));
    throw error;
  }
}

/** Opens the name server where one is wanted; without it nothing stays open. */
async function dnsOf(
  { popId, clock, random, dns, log }: PopOptions,
  { holder, counters }: PopParts,
  listeners: readonly Listener[],
  rtts: PrefixRtts,
): Promise<RunningDns | undefined> {
  try {
    return dns && (await openDns(dns, { popId, holder, counters, clock, random, rtts }, log));
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close(0)));
    throw error;
  }
}

function linkEvents(
  parts: PopParts,
  streams: RunningStreams,
  { log }: PopOptions,
  dns: RunningDns | undefined,
  send: PopLink['send'],
): LinkEvents {
  const { holder, control, audit, counters, clockSkew } = parts;
  return {
    have: () => holder.have(),
    moreUrls: () => [...(holder.view?.state.ofKind('control') ?? [])].flatMap(({ url }) => (url ? [linkUrl(url)] : [])),
    opened(link) {
      log.info('link opened', { control: link.controlId });
      counters.add('links', 'opened');
      control.linkOpened(link);
      holder.heard();
      parts.states.forgetTold();
      streams.forgetTold();
    },
    received(message: LinkMessage) {
      if (message.type === 'signIns') parts.signIns.receive(message);
      else if (message.type === 'auditStored')
        void audit.stored(message.ids, (events) => send({ type: 'audit', events }));
      else if (message.type === 'pops') dns?.controlHears(message.heard);
      else if (message.type === 'lookUp') void parts.lookUps.take(message, send);
      else if (message.type === 'replay') void parts.replays.take(message, send);
      else send(holder.receive(message));
    },
    clockSkew: (skewMs) => void clockSkew.measured(skewMs, 'control'),
    ended(reason, detail) {
      log.warn('link ended', { reason, detail });
      counters.add('links', reason);
      control.linkEnded();
      audit.linkEnded();
    },
  };
}
