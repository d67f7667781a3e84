import {
  type Clock,
  type IpAddress,
  parseIpAddress,
  type Random,
  randomFraction,
  randomUint32,
} from '../../base/index.ts';
import {
  type ClientSubnet,
  type DnsState,
  ResponseRateLimiter,
  respond,
  type Steered,
  type Zones,
} from '../../core/dns/index.ts';
import {
  ANSWER_TTL_SECONDS,
  clientPrefix,
  isPublicAddress,
  type PeerReports,
  type PrefixRtts,
  Steering,
} from '../../core/steering/index.ts';
import type { DnsHandler, DnsRefusal } from '../../io/dns/dns-server.ts';
import type { GeoDatabase } from '../../io/geo/geo-database.ts';
import type { Log } from '../../io/log.ts';
import type { Counters } from '../counters.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { ADDRESSES_PER_POP } from './constants.ts';
import { type OwnState, PopFacts } from './pop-facts.ts';
import { SteeringNews } from './steering-news.ts';
import { zonesOf } from './zones-of-view.ts';

export interface PopDnsOptions {
  readonly popId: string;
  readonly holder: Pick<SnapshotHolder, 'view' | 'unservable'>;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly geo: GeoDatabase;
  /** Round trips that this PoP measured. */
  readonly rtts: PrefixRtts;
  readonly own: () => OwnState;
  readonly peers: PeerReports;
}

/** The name server of a PoP: answers for the zones that are delegated to it with the PoPs that are best for who asks. */
export class PopDns implements DnsHandler {
  readonly #options: PopDnsOptions;
  readonly #facts: PopFacts;
  readonly #steering: Steering;
  readonly #limiter: ResponseRateLimiter;
  /** Apart from that of UDP: who is flooded in its name there can still ask here. */
  readonly #tcpLimiter: ResponseRateLimiter;
  readonly #news: SteeringNews;
  #zones: { readonly view: SnapshotView; readonly zones: Zones } | undefined;

  constructor(options: PopDnsOptions) {
    this.#options = options;
    this.#facts = new PopFacts(options.popId);
    this.#steering = new Steering({ self: options.popId, own: options.rtts, peers: this.#facts.peerRtts });
    this.#news = new SteeringNews(options.log, options.counters);
    this.#limiter = new ResponseRateLimiter(randomUint32(options.random));
    this.#tcpLimiter = new ResponseRateLimiter(randomUint32(options.random));
  }

  /** Takes up the facts of now; once a second, and before the first answer. */
  update(): void {
    const { holder, own, peers, clock } = this.#options;
    const nowMs = clock.nowMs();
    if (!holder.view) return;
    const pops = this.#facts.pops(holder.view, own(), peers, nowMs);
    this.#steering.update(pops, nowMs);
    this.#news.look(pops, nowMs);
  }

  controlHears(popIds: readonly string[]): void {
    this.#facts.controlHears(popIds, this.#options.clock.nowMs());
  }

  answer(message: Uint8Array, from: IpAddress, transport: 'udp' | 'tcp'): Uint8Array | undefined {
    const { counters, clock } = this.#options;
    const limiter = transport === 'udp' ? this.#limiter : this.#tcpLimiter;
    const verdict = limiter.take(from, clock.nowMs());
    // Nobody is sent from TCP to TCP.
    if (verdict === 'drop' || (verdict === 'truncate' && transport === 'tcp')) {
      counters.add('dns', 'dns-rate-limited');
      return undefined;
    }
    const { bytes, name } = respond(message, {
      state: this.#state(),
      transport,
      mustTruncate: verdict === 'truncate',
      steer: (version, subnet) => this.#steer(version, subnet, from),
    });
    counters.add('dns', name);
    return bytes;
  }

  refused(reason: DnsRefusal): void {
    this.#options.counters.add('dns', reason);
  }

  #state(): DnsState {
    const { holder, clock } = this.#options;
    const { view } = holder;
    if (!view || holder.unservable(clock.unixMs())) return { kind: 'unable' };
    if (this.#zones?.view !== view) {
      this.#zones = { view, zones: zonesOf(view) };
      this.update();
    }
    const { zones } = this.#zones;
    return zones.size > 0 ? { kind: 'serving', zones } : { kind: 'no-zone' };
  }

  /** A resolver's word on its client counts where it can be somewhere on the Internet; else the resolver itself. */
  #steer(version: 4 | 6, subnet: ClientSubnet | undefined, from: IpAddress): Steered {
    const { geo, random } = this.#options;
    const told = subnet?.address && isPublicAddress(subnet.address) ? subnet.address : undefined;
    const prefix = clientPrefix(told ?? from, told ? subnet?.sourceBits : undefined);
    const client = { prefix: prefix.text, place: geo.place(told ?? from) };
    const family = version === 4 ? 'ipv4' : 'ipv6';
    const chosen = this.#steering.choose(client, family, randomFraction(random));
    const texts = chosen.flatMap((pop) => pop[family].slice(0, ADDRESSES_PER_POP));
    return {
      addresses: texts.flatMap((text) => parseIpAddress(text) ?? []),
      ttlSeconds: ANSWER_TTL_SECONDS,
      scopeBits: told ? prefix.length : 0,
    };
  }
}
