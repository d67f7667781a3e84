/**
 * Who listens where in the local network, from one number.
 *
 *     N      PoP 1 HTTPS on 127.0.0.1, PoP 2 HTTPS on [::1]: one name with two addresses, as in production
 *     N + 1  PoP 2 HTTPS on 127.0.0.1
 *     N + 2  HTTP, redirects to HTTPS: PoP 1 on 127.0.0.1, PoP 2 on [::1]
 *     N + 3  control; its metrics on [::1]
 *     N + 4  PoP 1 WireGuard (UDP) and metrics (TCP) on 127.0.0.1, DNS on [::1]
 *     N + 5  PoP 2 WireGuard (UDP) and metrics (TCP) on 127.0.0.1, DNS on [::1]
 *     N + 6  demo application; metrics of the connector on [::1]
 */
import type { PopLocation } from '../../core/link/index.ts';
import { isReachable, type Place, stateOfPlace } from '../../io/listening.ts';
import { formatListen } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface PlannedPop {
  /** Also its folder and its log: `pop-1`. */
  readonly id: string;
  readonly name: string;
  readonly location: PopLocation;
  readonly https: readonly Listen[];
  readonly http: readonly Listen[];
  readonly udp: Listen;
  /** Where it answers DNS, if nobody else is there. */
  readonly dns: readonly Listen[];
  /** Where it tells metrics, if nobody else is there. */
  readonly metrics: Listen;
}

export interface NetworkPlan {
  readonly portalHost: string;
  readonly publicPort: number;
  readonly hasIpv6: boolean;
  readonly control: Listen;
  readonly pops: readonly [PlannedPop, PlannedPop];
  readonly demo: Listen;
  /** Where control and the connector tell metrics; nowhere without IPv6. */
  readonly metrics: Readonly<Record<'control' | 'connector', Listen | undefined>>;
}

const PORTAL_HOST = 'manis.localhost';
const IPV4 = '127.0.0.1';
const IPV6 = '::1';

export function planNetwork(portBase: number, hasIpv6: boolean): NetworkPlan {
  const at = (offset: number, host = IPV4): Listen => ({ host, port: portBase + offset });
  const secondAddress = hasIpv6 ? IPV6 : undefined;
  return {
    portalHost: PORTAL_HOST,
    publicPort: portBase,
    hasIpv6,
    control: at(3),
    pops: [
      {
        id: 'pop-1',
        name: 'Amsterdam',
        location: { name: 'Amsterdam', latitude: 52.37, longitude: 4.9 },
        https: [at(0)],
        http: [at(2)],
        udp: at(4),
        dns: secondAddress ? [at(4, secondAddress)] : [],
        metrics: at(4),
      },
      {
        id: 'pop-2',
        name: 'Frankfurt',
        location: { name: 'Frankfurt', latitude: 50.11, longitude: 8.68 },
        https: secondAddress ? [at(0, secondAddress), at(1)] : [at(1)],
        http: secondAddress ? [at(2, secondAddress)] : [],
        udp: at(5),
        dns: secondAddress ? [at(5, secondAddress)] : [],
        metrics: at(5),
      },
    ],
    demo: at(6),
    metrics: {
      control: secondAddress && at(3, secondAddress),
      connector: secondAddress && at(6, secondAddress),
    },
  };
}

/** Whether this machine has the IPv6 loopback address. */
export async function hasIpv6Loopback(): Promise<boolean> {
  return (await stateOfPlace({ protocol: 'tcp', host: IPV6, port: 0 })) === 'free';
}

/** Throws UsageFailure about the first place that is taken, with what can be done, before anything is started. */
export async function checkPlaces(plan: NetworkPlan, withDemo: boolean, remedy: string): Promise<void> {
  const states = await Promise.all(
    placesOf(plan, withDemo).map(async (one) => ({ ...one, state: await stateOfPlace(one.place) })),
  );
  for (const { place, owner, state } of states) {
    const where = `port ${place.port} (${place.protocol.toUpperCase()}, ${place.host}; for ${owner})`;
    if (state === 'in-use') throw new UsageFailure('port-in-use', `${where} is in use; ${remedy}`);
    if (state === 'forbidden') throw new UsageFailure('port-in-use', `${where} needs more rights; ${remedy}`);
    if (state === 'no-address') throw new UsageFailure('port-in-use', `${where} cannot be listened on`);
  }
}

function placesOf(plan: NetworkPlan, withDemo: boolean): { place: Place; owner: string }[] {
  const tcp = (listen: Listen, owner: string) => ({ place: { protocol: 'tcp' as const, ...listen }, owner });
  const ofPops = plan.pops.flatMap((pop) => [
    ...pop.https.map((listen) => tcp(listen, `HTTPS of PoP ${pop.name}`)),
    ...pop.http.map((listen) => tcp(listen, `the HTTP redirect of PoP ${pop.name}`)),
    { place: { protocol: 'udp' as const, ...pop.udp }, owner: `WireGuard of PoP ${pop.name}` },
  ]);
  return [...ofPops, tcp(plan.control, 'control'), ...(withDemo ? [tcp(plan.demo, 'the demo application')] : [])];
}

/** The places on which a PoP can answer DNS, over UDP and TCP. The network does without where somebody else has them. */
export async function freeDnsPlaces({ dns }: PlannedPop): Promise<Listen[]> {
  const states = await Promise.all(
    dns.map((listen) =>
      Promise.all((['udp', 'tcp'] as const).map((protocol) => stateOfPlace({ protocol, ...listen }))),
    ),
  );
  return dns.filter((_, index) => states[index]?.every((state) => state === 'free'));
}

/** What a program is told about its metrics: there, or nowhere. */
export async function metricsPlace(listen: Listen | undefined): Promise<string> {
  const isFree = listen && (await stateOfPlace({ protocol: 'tcp', ...listen })) === 'free';
  return isFree ? formatListen(listen) : 'off';
}

/** An application as the connector dials it. */
export interface AppTarget {
  readonly name: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

const REACHABLE_TIMEOUT_MS = 1_000;

/** What `--app` names, or the demo. */
export function appOf(app: string | undefined, plan: NetworkPlan): AppTarget {
  if (app === undefined) return { name: 'demo', scheme: 'http', ...plan.demo };
  const url = new URL(app);
  if ((url.pathname !== '/' && url.pathname !== '') || url.search || url.username) {
    throw new UsageFailure('setting-invalid', `--app is ${JSON.stringify(app)}; expected a URL without a path`);
  }
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  return { name: 'app', scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

export function isAppReachable(app: AppTarget): Promise<boolean> {
  return isReachable(app.host, app.port, REACHABLE_TIMEOUT_MS);
}

export function portalOrigin(plan: NetworkPlan): string {
  return `https://${plan.portalHost}:${plan.publicPort}`;
}

export function appOrigin(plan: NetworkPlan, appName: string): string {
  return `https://${appName}.${plan.portalHost}:${plan.publicPort}`;
}

export function controlUrl(plan: NetworkPlan): string {
  return `https://${formatListen(plan.control)}`;
}
