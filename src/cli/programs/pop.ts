/** `manis pop`: assembles a point of presence. */
import type { SignedDocument, SnapshotState } from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { CpuShare } from '../../io/cpu-share.ts';
import { ensureOwnFolder } from '../../io/files.ts';
import type { ListenEndpoint } from '../../io/https-server.ts';
import { loadIdentity } from '../../io/identity.ts';
import { LinkClient } from '../../io/link-client.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import type { Log } from '../../io/log.ts';
import { LoopDelay } from '../../io/loop-delay.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { trustedProxies } from '../../pop/client-facts.ts';
import { connectionRates } from '../../pop/connection-rates.ts';
import type { DrainTimes } from '../../pop/drain.ts';
import type { LoadSource } from '../../pop/overload.ts';
import { type PopOptions, type RunningPop, startPop } from '../../pop/start-pop.ts';
import type { DnsOptions } from '../../pop/steering/open-dns.ts';
import type { OwnState } from '../../pop/steering/pop-facts.ts';
import { PopTunnels } from '../../pop/tunnels/pop-tunnels.ts';
import type { PopSettings } from '../config/programs.ts';
import { formatListen } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { enrolmentOf } from './enrolment.ts';
import { type EnrolledPop, enrolOrReadPop } from './pop-enrolment.ts';
import { runProgram, SOFTWARE, type StartedProgram } from './run-program.ts';
import { type ProgramTracing, tracingOf } from './tracing.ts';

/** How often control is told of round-trip times; changes of state are told at once. */
const STATUS_INTERVAL_MS = 10_000;

export function runPop(settings: PopSettings): Promise<void> {
  return runProgram('pop', settings, (log) => assemblePop(settings, log));
}

async function assemblePop(settings: PopSettings, log: Log): Promise<StartedProgram> {
  const { dataDir } = settings;
  await ensureOwnFolder(dataDir);
  const [clock, random, crypto] = [createClock(), createRandom(), new NodeSessionCrypto()];
  const identity = await loadIdentity(dataDir);
  const enrolled = await enrolOrReadPop(dataDir, identity, await enrolmentOf(settings), announcedBy(settings), log);
  const { popId, rootKey, linkUrls: urls } = enrolled;

  let pop: RunningPop | undefined;
  const [cpu, delay, tracing] = [new CpuShare(clock), new LoopDelay(), await tracingOf(settings, popId, log)];
  const tunnels = await PopTunnels.open({
    clock,
    random,
    popId,
    software: SOFTWARE,
    privateKey: identity.wireguardPrivateKey,
    listen: { address: settings.udp.host, port: settings.udp.port },
    ...{ mtu: settings.mtu, dataDir, log },
    report: () => ({ ...stateOf(pop, cpu), nextPrefixes: () => pop?.nextRoundTrips() ?? [] }),
    onChange: () => report(),
    onLost: (overlayAddress) => pop?.connectorLost(overlayAddress),
    onDraining: (overlayAddress, endsInMs) => pop?.connectorDraining(overlayAddress, endsInMs),
    onTargets: (connectorId, status) => pop?.targetsChecked(connectorId, status),
    onHandIn: (connectorId, port, stream) => (pop ? pop.handIn(connectorId, port, stream) : stream.destroy()),
  });
  const report = (): void => void pop?.reportConnectors(tunnels.attached(), loadOfStatus(pop, cpu));
  const [port, { signer }] = [createSigningPort(crypto), identity];
  try {
    pop = await startPop({
      ...{ dataDir, popId, identity, rootKey, crypto, clock, random, log },
      ...{ dialer: tunnels, carrier: tunnels.carriers.door, load: loadOf(delay, cpu) },
      ...{ https: settings.https, geography: geographyOf(settings), ...clientsOf(settings), ...filesOf(settings) },
      ...(settings.http && { httpRedirect: settings.http }),
      ...{ streams: streamsOf(settings), streamsChanged: () => report() },
      ...{ ...(settings.capacity && { capacity: settings.capacity }), ...(tracing && { tracing }) },
      ...(settings.dns && {
        dns: dnsOf(settings.dns, settings.geoDatabase, tunnels, () => stateOf(pop, cpu)),
      }),
      openLink: (events) =>
        new LinkClient({
          ...{ urls, popId, rootKey, signer, port, clock, random, software: SOFTWARE },
          ...events,
          opened: (link) => {
            events.opened(link);
            report();
          },
        }),
      snapshotChanged: (state) => follow(tunnels, state),
      drain: drainTimesOf(settings),
      drainChanged: () => {
        tunnels.report();
        report();
      },
    });
  } catch (error) {
    await tunnels.close();
    throw error;
  }
  return started(pop, tunnels, enrolled, report, tracing);
}

function started(
  pop: RunningPop,
  tunnels: PopTunnels,
  { popId, name }: EnrolledPop,
  report: () => void,
  tracing: ProgramTracing | undefined,
): StartedProgram {
  const reporting = setInterval(report, STATUS_INTERVAL_MS);
  tunnels.repeatTargets();
  return {
    details: { popId, name, https: pop.https, dns: pop.dns, udpPort: tunnels.port },
    observed: {
      notReady: () => pop.notReady(),
      collect: async (samples) => {
        await pop.collect(samples);
        const { collectOverlay } = await import('../../io/overlay/overlay-metrics.ts');
        collectOverlay(samples, tunnels.overlay);
      },
    },
    close: async () => {
      clearInterval(reporting);
      await pop.stop();
      await tunnels.close();
      await tracing?.spans.stop();
    },
  };
}

function announcedBy({ https, udp, announceHttps, announceUdp }: PopSettings) {
  return {
    httpsEndpoints: announceHttps ?? https.map(formatListen),
    udpEndpoints: announceUdp ?? [formatListen(udp)],
  };
}

function dnsOf(
  listen: readonly ListenEndpoint[],
  geoDatabase: string | undefined,
  tunnels: PopTunnels,
  own: () => OwnState,
): DnsOptions {
  return { listen, ...(geoDatabase && { geoDatabase }), peers: tunnels.peerReports, own };
}

/** The snapshot decides who may have a tunnel. */
function follow(tunnels: PopTunnels, state: SnapshotState): void {
  const grants = new Map<string, SignedDocument>();
  for (const { id, signed } of state.ofKind('siteGrant')) grants.set(id, signed);
  const devices = [...state.ofKind('device')];
  void tunnels.follow({ connectors: [...state.ofKind('connector')], devices, pops: [...state.ofKind('pop')], grants });
  tunnels.repeatTargets();
}

/** Databases in place of those that come along. */
function filesOf({ certificateFiles }: PopSettings): Pick<PopOptions, 'certificateFiles'> {
  return certificateFiles ? { certificateFiles } : {};
}

function geographyOf({ geoDatabase, asnDatabase }: PopSettings): NonNullable<PopOptions['geography']> {
  return { ...(geoDatabase && { geoDatabase }), ...(asnDatabase && { asnDatabase }) };
}

/** The port of WireGuard is the PoP's own as well. */
function streamsOf({ streamHosts, streamPorts, udp }: PopSettings): NonNullable<PopOptions['streams']> {
  return {
    ...(streamHosts && { hosts: streamHosts }),
    ...(streamPorts && { ports: streamPorts }),
    own: { tcp: [], udp: [udp.port] },
  };
}

function loadOf(delay: LoopDelay, cpu: CpuShare): LoadSource {
  return { delayMs: () => delay.read(), cpuShare: () => cpu.read() };
}

/** Who comes, who is believed about it, and how often. */
function clientsOf(settings: PopSettings): Pick<PopOptions, 'proxies' | 'connectionRates'> {
  const { proxies } = proxiesOf(settings);
  const rates = connectionRates(settings.connectionRate, proxies);
  return { ...(proxies && { proxies }), ...(rates && { connectionRates: rates }) };
}

function proxiesOf({ trustedProxies: prefixes, proxyProtocol }: PopSettings): Pick<PopOptions, 'proxies'> {
  if (prefixes) return { proxies: trustedProxies(prefixes, proxyProtocol) };
  if (!proxyProtocol) return {};
  throw new UsageFailure(
    'setting-invalid',
    '--trusted-proxies (or MANIS_TRUSTED_PROXIES) is missing; expected the addresses whose PROXY headers are believed',
  );
}

function drainTimesOf({ drainSeconds, streamSeconds }: PopSettings): DrainTimes {
  return { graceMs: drainSeconds * 1000, streamsMs: streamSeconds * 1000 };
}

/** How it is: the other PoPs are told, and its own name server heeds it. */
function stateOf(pop: RunningPop | undefined, cpu: CpuShare): OwnState {
  const { open, capacity } = pop?.connections() ?? { open: 0, capacity: 0 };
  const draining = pop !== undefined && pop.phase() !== 'serving';
  return { draining, load: { connections: open, capacity, cpu: cpu.read() } };
}

/** How busy it is, as control is told. */
function loadOfStatus(pop: RunningPop, cpu: CpuShare) {
  return { ...stateOf(pop, cpu).load, memoryBytes: process.memoryUsage.rss() };
}
