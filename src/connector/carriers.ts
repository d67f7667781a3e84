import { type Clock, parseEndpoint, type Random, randomFraction } from '../base/index.ts';
import { type CarrierDecision, CarrierPolicies } from '../core/carrier/index.ts';
import type { GrantedPop } from '../core/link/index.ts';
import type { TunnelStatus } from '../core/overlay/index.ts';
import { CarrierAttempt } from '../io/carrier/carrier-attempt.ts';
import type { Carriers } from '../io/carrier/carriers.ts';
import { LateDialer } from '../io/carrier/late-dialer.ts';
import type { Log } from '../io/log.ts';
import type { OutboundSettings } from '../io/outbound/outbound-agents.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { Unplugged } from '../io/udp/unplugged-socket.ts';
import { LOOK_AT_PATHS_BUSY_MS, LOOK_AT_PATHS_MS } from './constants.ts';

export interface ConnectorCarriersOptions {
  readonly driver: OverlayDriver;
  readonly carriers: Carriers;
  readonly outbound: OutboundSettings;
  /** The PoP that a tunnel leads to, where this end makes it. */
  readonly popOf: (id: string) => GrantedPop | undefined;
  /** The host name that every PoP serves, where the grant says it. */
  readonly portalHost: () => string | undefined;
  /** UDP to a PoP does its work no more, or again. */
  readonly udpChanged?: () => void;
  /** Places that are cut off, for drills: a PoP whose UDP endpoint is among them is not reached by TLS either. */
  readonly unplugged?: Unplugged | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Opens a carrier to each PoP that UDP does not reach well, keeps it, and lets it go when UDP does again. */
export class ConnectorCarriers {
  readonly #options: ConnectorCarriersOptions;
  readonly #policies = new CarrierPolicies();
  readonly #dialer: LateDialer;
  readonly #attempts = new Map<string, CarrierAttempt>();
  readonly #decided = new Map<string, CarrierDecision>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ConnectorCarriersOptions) {
    this.#options = options;
    this.#dialer = new LateDialer(options.outbound);
  }

  /** Looks at every path, and again before long. Call at the start and when a tunnel has changed. */
  look(): void {
    if (this.#closed) return;
    const { driver, clock, popOf } = this.#options;
    const nowMs = clock.nowMs();
    const tunnels = driver.node.status(nowMs).filter(({ id }) => popOf(id) !== undefined);
    this.#forget(new Set(tunnels.map(({ id }) => id)));
    const areCalm = tunnels.map((tunnel) => this.#lookAt(tunnel, nowMs)).every(Boolean);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), areCalm ? LOOK_AT_PATHS_MS : LOOK_AT_PATHS_BUSY_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const attempt of this.#attempts.values()) attempt.stop();
    this.#dialer.close();
  }

  /** False where something may soon be done about the PoP. */
  #lookAt(tunnel: TunnelStatus, nowMs: number): boolean {
    const { node } = this.#options.driver;
    const udp = tunnel.paths.find(({ kind }) => kind === 'udp');
    const tls = tunnel.paths.find(({ kind }) => kind === 'tls');
    const decision = this.#policies.look(tunnel.id, { udp, tls }, nowMs);
    this.#tell(tunnel.id, decision);
    node.avoidUdp(tunnel.id, decision.avoidUdp, nowMs);
    if (decision.carrier && !this.#isCutOff(tunnel.id)) this.#attemptOf(tunnel.id).keep(tls?.state, nowMs);
    else this.#attempts.get(tunnel.id)?.stop();
    return !decision.carrier && udp?.state === 'up';
  }

  #isCutOff(popId: string): boolean {
    const { unplugged, popOf } = this.#options;
    if (!unplugged) return false;
    const endpoints = (popOf(popId)?.udpEndpoints ?? []).flatMap((text) => parseEndpoint(text) ?? []);
    return endpoints.some((endpoint) => unplugged.has(endpoint));
  }

  #attemptOf(popId: string): CarrierAttempt {
    const known = this.#attempts.get(popId);
    if (known) return known;
    const { driver, carriers, random, clock, log, popOf, portalHost } = this.#options;
    const attempt = new CarrierAttempt({
      ...{ carriers, clock, log: log.child({ popId }), dialer: this.#dialer },
      jitter: () => randomFraction(random),
      addresses: () => {
        const serverName = portalHost();
        return (popOf(popId)?.httpsEndpoints ?? []).map((endpoint) => ({
          endpoint,
          ...(serverName && { serverName }),
        }));
      },
      opened: (endpoint) => {
        driver.node.addCarrier(popId, endpoint, clock.nowMs());
        driver.wake();
      },
    });
    this.#attempts.set(popId, attempt);
    return attempt;
  }

  #tell(popId: string, decision: CarrierDecision): void {
    const before = this.#decided.get(popId);
    this.#decided.set(popId, decision);
    if (decision.because === before?.because) return;
    const { log, popOf } = this.#options;
    const facts = { popId, pop: popOf(popId)?.name };
    this.#options.udpChanged?.();
    if (decision.because)
      log.warn('UDP does not get through: TLS is used beside it', { ...facts, udp: decision.because });
    else if (before) log.info('UDP gets through again', facts);
  }

  #forget(present: ReadonlySet<string>): void {
    for (const id of this.#policies.retain(present)) {
      this.#attempts.get(id)?.stop();
      this.#attempts.delete(id);
      this.#decided.delete(id);
    }
  }
}
