/** `manis up`: a complete local network on loopback, until it is asked to stop. */
import { join, resolve } from 'node:path';
import { createClock } from '../../io/clock.ts';
import { ensureOwnFolder, OWNER_ONLY, readJson, readText, writeJson } from '../../io/files.ts';
import { lockFolder } from '../../io/folder-lock.ts';
import { onStopRequest } from '../../io/parent-process.ts';
import type { UpSettings } from '../config/programs.ts';
import { formatListen } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { sayRaw } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { type Announcer, humanAnnouncer, jsonAnnouncer, type ReadyEvent } from './announce.ts';
import { LocalNetwork } from './local-network.ts';
import {
  type AppTarget,
  appOf,
  appOrigin,
  checkPlaces,
  controlUrl,
  hasIpv6Loopback,
  isAppReachable,
  type NetworkPlan,
  planNetwork,
  portalOrigin,
} from './plan.ts';

const DEFAULT_PORT_BASE = 8443;
/** What a data folder remembers of its network: nodes are enrolled with their addresses. */
const NETWORK_FILE = 'network.json';
const STAYS_WITH_ITS_PORTS = 'free it, or start another network with --data-dir DIR --port-base N';

export async function runUp(settings: UpSettings, style: Style, environment: NodeJS.ProcessEnv): Promise<void> {
  const clock = createClock();
  const startedMs = clock.nowMs();
  const dataDir = resolve(settings.dataDir);
  const announce = settings.json ? jsonAnnouncer(sayRaw) : humanAnnouncer(style, sayRaw);
  await requirePasswordFile(settings.adminPasswordFile);
  const keptPortBase = await readPortBase(dataDir);
  const plan = planNetwork(choosePortBase(keptPortBase, settings.portBase, dataDir), await hasIpv6Loopback());
  const app = appOf(settings.app, plan);

  await ensureOwnFolder(dataDir);
  const lock = lockFolder(dataDir);
  try {
    const remedy = keptPortBase === undefined ? 'choose others with --port-base N' : STAYS_WITH_ITS_PORTS;
    await checkPlaces(plan, app.name === 'demo', remedy);
    const asked = Promise.withResolvers<void>();
    onStopRequest(clock, asked.resolve);
    // Whoever read this is gone, as in `up --json | head -1`.
    process.stdout.on('error', () => asked.resolve());
    await writeJson(join(dataDir, NETWORK_FILE), { portBase: plan.publicPort }, OWNER_ONLY);
    announce({ event: 'starting', dataDir });
    if (!plan.hasIpv6)
      announce({ event: 'note', text: 'This machine has no IPv6 loopback: PoP 2 is on 127.0.0.1 alone.' });
    await sayWhetherReachable(app, announce);
    const { adminPasswordFile, adminEmail, logLevel } = settings;
    const password = adminPasswordFile !== undefined && { adminPasswordFile: resolve(adminPasswordFile) };
    const told = { dataDir, plan, app, adminEmail, ...password, logLevel };
    const network = new LocalNetwork({ ...told, announce, environment, clock });
    await network.start();
    announce(readyEvent(network, plan, app, dataDir, clock.nowMs() - startedMs));
    await asked.promise;
    announce({ event: 'stopping' });
    await network.stop();
    announce({ event: 'stopped' });
  } finally {
    lock.release();
    if (process.connected) process.disconnect?.();
  }
}

/** The port base that the folder was made with; undefined where it holds no network yet. */
async function readPortBase(dataDir: string): Promise<number | undefined> {
  return ((await readJson(join(dataDir, NETWORK_FILE))) as { portBase?: number } | undefined)?.portBase;
}

function choosePortBase(kept: number | undefined, asked: number | undefined, dataDir: string): number {
  if (kept !== undefined && asked !== undefined && asked !== kept) {
    const hint = `${dataDir} is a network with port base ${kept}, whose nodes are enrolled with it`;
    throw new UsageFailure(
      'setting-invalid',
      `--port-base is ${asked}; expected ${kept}, or another --data-dir: ${hint}`,
    );
  }
  return asked ?? kept ?? DEFAULT_PORT_BASE;
}

async function requirePasswordFile(path: string | undefined): Promise<void> {
  if (path === undefined || (await readText(path))?.trim()) return;
  throw new UsageFailure(
    'setting-invalid',
    `--admin-password-file is "${path}"; expected a file that holds the password`,
  );
}

async function sayWhetherReachable(app: AppTarget, announce: Announcer): Promise<void> {
  if (app.name === 'demo' || (await isAppReachable(app))) return;
  const text = `Nothing answers at ${formatListen(app)} yet. It is published all the same; start it whenever you like.`;
  announce({ event: 'note', text });
}

function readyEvent(
  network: LocalNetwork,
  plan: NetworkPlan,
  app: AppTarget,
  dataDir: string,
  startedInMs: number,
): ReadyEvent {
  const { caFile, adminEmail, setupUrl } = network.control;
  const pid = (name: string) => network.pidOf(name) ?? 0;
  return {
    event: 'ready',
    dashboard: portalOrigin(plan),
    apps: [{ name: app.name, url: appOrigin(plan, app.name) }],
    pops: plan.pops.map((pop) => {
      const httpsEndpoints = pop.https.map(formatListen);
      return {
        name: pop.name,
        https: httpsEndpoints[0] ?? '',
        httpsEndpoints,
        udp: formatListen(pop.udp),
        pid: pid(pop.id),
      };
    }),
    control: { url: controlUrl(plan), pid: pid('control') },
    connector: { pid: pid('connector') },
    demo: app.name === 'demo' ? { pid: pid('demo') } : null,
    admin: { email: adminEmail, setupUrl },
    caFile,
    dataDir,
    startedInMs: Math.round(startedInMs),
  };
}
