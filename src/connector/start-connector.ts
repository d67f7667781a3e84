import { type Clock, Failure, fromBase64Url, type Random } from '../base/index.ts';
import {
  CONNECTOR_BLUEPRINT_PORT,
  CONNECTOR_DIAGNOSIS_PORT,
  isDialled,
  type SignedDocument,
  type SigningPort,
} from '../core/link/index.ts';
import type { ConnectionAttempt } from '../core/netstack/index.ts';
import type { TunnelEvent, TunnelStatus } from '../core/overlay/index.ts';
import { ClockSkew } from '../io/clock-skew.ts';
import { ensureOwnFolder } from '../io/files.ts';
import { loadIdentity } from '../io/identity.ts';
import type { Log } from '../io/log.ts';
import type { NotReady } from '../io/metrics/not-ready.ts';
import type { Samples } from '../io/metrics/samples.ts';
import { type OpenOverlay, openOverlay } from '../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { resolveName } from '../io/resolve.ts';
import { TargetChecks } from '../io/target-checks.ts';
import type { Unplugged } from '../io/udp/unplugged-socket.ts';
import { ConnectorCarriers } from './carriers.ts';
import { DIAL_BACKLOG, DRAIN_QUIET_MS, RESOLVE_AGAIN_MS } from './constants.ts';
import { Dialer } from './dial.ts';
import { type Enrolled, type EnrolOptions, enrolOrRead } from './enrolled.ts';
import type { Examiner } from './examiner.ts';
import { GrantHolder } from './grant-holder.ts';
import { grantedTcp } from './granted.ts';
import type { ObservedConnector } from './metrics.ts';
import { openExaminer } from './open-examiner.ts';
import { openTo } from './open-to.ts';
import { PopLinks } from './pop-links.ts';
import { type Publishing, type PublishingPlaces, startPublishing } from './publishing/start-publishing.ts';
import { TunnelLog } from './tunnel-log.ts';
import { ConnectorTunnels } from './tunnels.ts';
import { UdpTargets } from './udp-targets.ts';

export interface ConnectorOptions extends EnrolOptions {
  /** UDP address to send from. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Tunnels to keep at once; Infinity for one to every PoP. */
  readonly tunnels: number;
  /** Folder whose unix sockets may be dialled. Left out: any may. */
  readonly unixSockets?: string;
  /** Nothing but these is dialled, whatever control grants. */
  readonly unixSocketsOnly?: boolean;
  /** What it publishes by itself, where its site lets it. */
  readonly publishing?: PublishingPlaces;
  /** It looks at its network by itself, and tells control what stands in the way. Left out: no, for tests. */
  readonly examines?: boolean;
  /** Largest inner packet. */
  readonly mtu: number;
  readonly udp?: 'offload' | 'plain';
  /** Places that are cut off, for drills. */
  readonly unplugged?: Unplugged;
  readonly clock: Clock;
  readonly random: Random;
  readonly signing: SigningPort;
  readonly software: string;
}

export interface RunningConnector {
  readonly connectorId: string;
  readonly siteId: string;
  status(): TunnelStatus[];
  /** What keeps it from its work: `/readyz` tells. */
  notReady(): NotReady<'connector'>[];
  /** Adds what is counted here. */
  collect(samples: Samples): Promise<void>;
  /** Tells the PoPs to send new streams elsewhere; resolved when open ones are over, at the latest after `streamsMs`. */
  drain(streamsMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a connector: enrols at the first start, then keeps tunnels and answers streams until closed. */
export async function startConnector(options: ConnectorOptions): Promise<RunningConnector> {
  const { dataDir } = options;
  await ensureOwnFolder(dataDir);
  const identity = await loadIdentity(dataDir);
  let running: Running | undefined;
  const overlay = await openOverlay({
    clock: options.clock,
    random: options.random,
    privateKey: identity.wireguardPrivateKey,
    role: 'connector',
    listen: options.listen,
    mtu: options.mtu,
    ...(options.udp && { udp: options.udp }),
    ...(options.unplugged && { unplugged: options.unplugged }),
    dataDir,
    onTunnel: (event) => running?.tunnelChanged(event),
    onAttempt: (attempt) => (running ? running.attempted(attempt) : attempt.refuse()),
  });
  const { driver, device } = overlay;
  try {
    const { enrolled, grant } = await enrolOrRead(options, device.publicKey);
    const holder = await holdGrant(options, enrolled, grant);
    running = new Running(options, enrolled.connectorId, overlay, holder);
    await running.start();
    running.publish(options, enrolled.connectorId, identity.wireguardPrivateKey);
    if (options.examines) running.examine(options, enrolled.connectorId);
    const observed = running;
    const status = (): TunnelStatus[] => driver.node.status(options.clock.nowMs());
    return {
      connectorId: enrolled.connectorId,
      siteId: enrolled.siteId,
      status,
      notReady: () => (status().some(({ state }) => state === 'up') ? [] : ['no-tunnel']),
      collect: async (samples) => {
        const { collectConnector } = await import('./metrics.ts');
        collectConnector(samples, overlay, { grant: holder.grant, ...observed.facts() });
      },
      drain: async (streamsMs) => running?.drain(streamsMs),
      close: async () => {
        await running?.close();
        await overlay.close();
      },
    };
  } catch (error) {
    await overlay.close();
    throw error;
  }
}

async function holdGrant(
  options: ConnectorOptions,
  enrolled: Enrolled,
  first: SignedDocument | undefined,
): Promise<GrantHolder> {
  const { dataDir, signing, clock, unixSockets, unixSocketsOnly } = options;
  const rootKey = fromBase64Url(enrolled.rootKey);
  if (!rootKey) throw new Failure('connector-state-damaged', `${dataDir}/connector.json has no root key`);
  const limits = { unixSockets, unixSocketsOnly };
  const holder = new GrantHolder({ dataDir, siteId: enrolled.siteId, rootKey, signing, clock, ...limits });
  await holder.load();
  if (first) await holder.offer(first);
  return holder;
}

/** The parts of a connector that runs, tied together. */
class Running {
  readonly #driver: OverlayDriver;
  readonly #holder: GrantHolder;
  readonly #dialer: Dialer;
  readonly #datagrams: UdpTargets;
  readonly #tunnels: ConnectorTunnels;
  readonly #links: PopLinks;
  readonly #checks: TargetChecks;
  readonly #carriers: ConnectorCarriers;
  readonly #log: Log;
  readonly #tunnelLog: TunnelLog;
  readonly #clockSkew: ClockSkew;
  #publishing: Publishing | undefined;
  #examiner: Examiner | undefined;
  #lookingAgain: NodeJS.Timeout | undefined;

  constructor(options: ConnectorOptions, connectorId: string, overlay: OpenOverlay, holder: GrantHolder) {
    const { driver, carriers } = overlay;
    this.#driver = driver;
    this.#holder = holder;
    this.#dialer = new Dialer((port) => grantedTcp(holder.grant, port), options.log);
    this.#datagrams = new UdpTargets((port, take) => driver.bindUdp(port, take), options.clock, options.log);
    this.#log = options.log;
    this.#clockSkew = new ClockSkew(options.log);
    this.#tunnelLog = new TunnelLog(options.log, (popId) => this.#nameOf(popId));
    this.#checks = new TargetChecks({
      clock: options.clock,
      random: options.random,
      log: options.log,
      onChange: (changes) => this.#links.targetsChanged(changes),
    });
    this.#links = new PopLinks({
      driver,
      software: options.software,
      log: options.log,
      have: () => holder.grant?.version ?? null,
      targets: () => this.#checks.states(),
      onGrant: (signed, popId) => this.#offered(signed, popId),
      onReach: (news, popId) => {
        const refusal = this.#tunnels.heard(popId, news);
        if (refusal) this.#log.warn('what a PoP says of others refused', { popId, reason: refusal });
        const { unixMs } = news;
        if (unixMs !== undefined) this.#clockSkew.measured(options.clock.unixMs() - unixMs, this.#nameOf(popId));
      },
      onClosed: (popId) => this.#tunnels.linkClosed(popId),
    });
    this.#tunnels = new ConnectorTunnels({
      driver,
      count: options.tunnels,
      connectorId,
      random: options.random,
      log: options.log,
      resolve: resolveName,
      links: this.#links,
      streamsFrom: (overlayAddress) => this.#dialer.streamsFrom(overlayAddress),
    });
    this.#carriers = new ConnectorCarriers({
      ...{ driver, carriers, clock: options.clock, random: options.random, log: options.log },
      outbound: options.outbound ?? {},
      unplugged: options.unplugged,
      popOf: (id) => this.#tunnels.dialled(id),
      portalHost: () => holder.grant?.portalHost,
      udpChanged: () => this.#examiner?.networkChanged(),
    });
  }

  #nameOf(popId: string): string {
    return this.#tunnels.pop(popId)?.name ?? popId;
  }

  /** What labels and a file say, from now on. */
  publish({ publishing, clock }: ConnectorOptions, connectorId: string, wireguardPrivateKey: Uint8Array): void {
    this.#publishing = startPublishing(publishing ?? {}, {
      ...{ connectorId, wireguardPrivateKey, clock, log: this.#log },
      controlKey: () => this.#holder.grant?.publishing?.key,
      open: () => this.#open(CONNECTOR_BLUEPRINT_PORT, 0),
    });
  }

  /** Looks at the network, now and whenever there is reason to. */
  examine(options: ConnectorOptions, connectorId: string): void {
    this.#examiner = openExaminer(options, connectorId, {
      grant: () => this.#holder.grant,
      isKept: (popId) => this.#tunnels.dialled(popId) !== undefined,
      open: (turn) => this.#open(CONNECTOR_DIAGNOSIS_PORT, turn),
    });
  }

  #open(port: number, turn: number): TunnelSocket | undefined {
    return openTo(this.#driver, this.#links.openAddresses(), port, turn);
  }

  async start(): Promise<void> {
    this.#driver.listenAll(DIAL_BACKLOG);
    const { grant } = this.#holder;
    if (grant) this.#checks.follow(grant.targets.filter(isDialled));
    if (grant) this.#datagrams.follow(grant);
    if (grant) await this.#tunnels.follow(grant);
    this.#carriers.look();
    this.#lookingAgain = setInterval(() => {
      void this.#tunnels.lookAgain();
      this.#examiner?.look();
    }, RESOLVE_AGAIN_MS);
  }

  attempted(attempt: ConnectionAttempt): void {
    this.#dialer.dial(this.#driver, attempt);
  }

  tunnelChanged(event: TunnelEvent): void {
    this.#tunnelLog.note(event);
    this.#tunnels.tunnelChanged(event);
    this.#carriers.look();
  }

  /** What metrics tell of it. */
  facts(): Pick<ObservedConnector, 'dials' | 'streams' | 'targets'> {
    const { counters: dials, openStreams: streams } = this.#dialer;
    return { dials, streams, targets: this.#checks.states() };
  }

  drain(streamsMs: number): Promise<void> {
    this.#log.info('draining', { streamsMs });
    this.#links.sayDraining(streamsMs);
    return this.#dialer.drained(DRAIN_QUIET_MS, streamsMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#lookingAgain);
    this.#publishing?.close();
    this.#examiner?.close();
    this.#checks.close();
    this.#tunnels.close();
    this.#links.close();
    this.#dialer.close();
    this.#datagrams.close();
    await this.#driver.close();
    this.#carriers.close();
  }

  #offered(signed: SignedDocument, popId: string): void {
    const before = this.#holder.grant;
    this.#holder.offer(signed).then(
      (refusal) => {
        const { grant } = this.#holder;
        if (refusal) this.#log.warn('grant refused', { popId, reason: refusal });
        if (refusal || !grant || grant === before) return;
        this.#checks.follow(grant.targets.filter(isDialled));
        this.#datagrams.follow(grant);
        void this.#tunnels.follow(grant);
        this.#publishing?.grantChanged();
        this.#examiner?.grantChanged();
      },
      (error) => this.#log.error('grant not kept on disk', { error }),
    );
  }
}
