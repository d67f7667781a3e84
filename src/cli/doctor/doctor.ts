/** `manis doctor`: what the network of this machine lets through to the PoPs, and what to do about the rest. */
import { join, resolve } from 'node:path';
import { Failure } from '../../base/index.ts';
import { decodeSiteGrant, type GrantedPop, type SiteGrant } from '../../core/link/index.ts';
import { CarrierDialer } from '../../io/carrier/carrier-dialer.ts';
import { createClock } from '../../io/clock.ts';
import { readJson } from '../../io/files.ts';
import { ProbeClient } from '../../io/probe-client.ts';
import { createRandom } from '../../io/random.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { outboundOf } from '../programs/outbound.ts';
import { SOFTWARE } from '../programs/run-program.ts';
import type { Style } from '../terminal/style.ts';
import { judge } from './judge.ts';
import { measureTls } from './measure-tls.ts';
import { measureUdp } from './measure-udp.ts';
import type { Measurements, PopMeasurement } from './measurements.ts';
import { reportText } from './report.ts';
import type { DoctorSettings } from './settings.ts';

/** Where a connector's folder may be, as `manis connector join` and `manis up` choose it. */
const USUAL_FOLDERS = ['.manis-connector', '/var/lib/manis/connector', join('.manis', 'connector')];

/** Prints what it found. Failure `network-in-the-way` where something is bad. */
export async function runDoctor(settings: DoctorSettings, style: Style): Promise<void> {
  const { folder, grant } = await findGrant(settings.dataDir);
  const measurements = await measure(grant, folder, settings);
  const findings = judge(measurements);
  const text = settings.json
    ? JSON.stringify({ measurements, findings }, null, 2)
    : reportText(measurements, findings, style);
  process.stdout.write(`${text}\n`);
  const bad = findings.filter(({ weight }) => weight === 'bad').length;
  if (bad > 0)
    throw new Failure('network-in-the-way', `${bad === 1 ? 'one thing stands' : `${bad} things stand`} in the way`);
}

async function measure(grant: SiteGrant, source: string, settings: DoctorSettings): Promise<Measurements> {
  const [clock, random] = [createClock(), createRandom()];
  const hasIpv6 = grant.pops.some(({ udpEndpoints }) => udpEndpoints.some((endpoint) => !/^\d/.test(endpoint)));
  const client = await ProbeClient.open(hasIpv6 ? '::' : '0.0.0.0', clock, random);
  const dialer = new CarrierDialer(await outboundOf(settings));
  const serverName = grant.portalHost;
  const measurePop = async (pop: GrantedPop): Promise<PopMeasurement> => {
    const udp = await inTurn(pop.udpEndpoints, (endpoint) => measureUdp(client, endpoint));
    const tls = await inTurn(pop.httpsEndpoints, (endpoint) =>
      measureTls(dialer, { endpoint, ...(serverName && { serverName }) }, clock, random),
    );
    return { name: pop.name, udp, tls };
  };
  try {
    const pops = await inTurn(grant.pops, measurePop);
    const proxy = settings.proxy === undefined ? undefined : new URL(settings.proxy).host;
    return { software: SOFTWARE, source, proxy, pops };
  } finally {
    dialer.close();
    await client.close();
  }
}

/** One after the other, so that measurements do not get in each other's way. */
async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** The grant of a connector on this machine. It was verified when it was taken; here it only says where to look. */
async function findGrant(named: string | undefined): Promise<{ folder: string; grant: SiteGrant }> {
  for (const folder of named === undefined ? USUAL_FOLDERS : [named]) {
    const stored = (await readJson(join(folder, 'grant.json'))) as { payload?: unknown } | undefined;
    if (typeof stored?.payload !== 'string') continue;
    const decoded = decodeSiteGrant(stored.payload);
    if (decoded.ok) return { folder: resolve(folder), grant: decoded.value };
  }
  const where = named === undefined ? 'there is no connector on this machine' : `${resolve(named)} holds no connector`;
  throw new UsageFailure('setting-invalid', `${where}: run "manis connector join TOKEN" first, or name its --data-dir`);
}
