/** `manis pop`: assembles a point of presence. */
import type { PopLoad, SignedDocument, SnapshotState } from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { CpuShare } from '../../io/cpu-share.ts';
import { ensureFolder } from '../../io/files.ts';
import { loadIdentity } from '../../io/identity.ts';
import { LinkClient } from '../../io/link-client.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import type { Log } from '../../io/log.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { type RunningPop, startPop } from '../../pop/start-pop.ts';
import { PopTunnels } from '../../pop/tunnels/pop-tunnels.ts';
import type { PopSettings } from '../config/programs.ts';
import { formatListen } from '../config/setting.ts';
import { enrolmentOf } from './enrolment.ts';
import { enrolOrReadPop } from './pop-enrolment.ts';
import { runProgram, SOFTWARE, type StartedProgram } from './run-program.ts';

/** How often control is told of round-trip times; changes of state are told at once. */
const STATUS_INTERVAL_MS = 10_000;

export function runPop(settings: PopSettings): Promise<void> {
  return runProgram('pop', settings.logLevel, (log) => assemblePop(settings, log));
}

async function assemblePop(settings: PopSettings, log: Log): Promise<StartedProgram> {
  const { dataDir } = settings;
  await ensureFolder(dataDir, 0o700);
  const [clock, random, crypto] = [createClock(), createRandom(), new NodeSessionCrypto()];
  const identity = await loadIdentity(dataDir);
  const enrolled = await enrolOrReadPop(dataDir, identity, await enrolmentOf(settings), announcedBy(settings), log);
  const { popId, rootKey, linkUrls: urls } = enrolled;

  let pop: RunningPop | undefined;
  const cpu = new CpuShare(clock);
  const tunnels = await PopTunnels.open({
    clock,
    random,
    popId,
    software: SOFTWARE,
    privateKey: identity.wireguardPrivateKey,
    listen: { address: settings.udp.host, port: settings.udp.port },
    mtu: settings.mtu,
    log,
    report: () => ({ draining: false, load: loadOf(pop, cpu), prefixes: [] }),
    onChange: () => report(),
    onLost: (overlayAddress) => pop?.connectorLost(overlayAddress),
  });
  const report = (): void => void pop?.reportConnectors(tunnels.attached());
  const port = createSigningPort(crypto);
  const { signer } = identity;
  try {
    pop = await startPop({
      ...{ dataDir, popId, identity, rootKey, crypto, clock, random, log },
      dialer: tunnels,
      https: settings.https,
      ...(settings.http && { httpRedirect: settings.http }),
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
    });
  } catch (error) {
    await tunnels.close();
    throw error;
  }
  const reporting = setInterval(report, STATUS_INTERVAL_MS);
  const running = pop;
  return {
    details: { popId, name: enrolled.name, https: running.https, udpPort: tunnels.port },
    close: async () => {
      clearInterval(reporting);
      await running.stop();
      await tunnels.close();
    },
  };
}

function announcedBy({ https, udp, announceHttps, announceUdp }: PopSettings) {
  return {
    httpsEndpoints: announceHttps ?? https.map(formatListen),
    udpEndpoints: announceUdp ?? [formatListen(udp)],
  };
}

/** The snapshot decides who may have a tunnel. */
function follow(tunnels: PopTunnels, state: SnapshotState): void {
  const grants = new Map<string, SignedDocument>();
  for (const { id, signed } of state.ofKind('siteGrant')) grants.set(id, signed);
  void tunnels.follow({ connectors: [...state.ofKind('connector')], pops: [...state.ofKind('pop')], grants });
}

function loadOf(pop: RunningPop | undefined, cpu: CpuShare): PopLoad {
  const { open, capacity } = pop?.connections() ?? { open: 0, capacity: 0 };
  return { connections: open, capacity, cpu: cpu.read() };
}
