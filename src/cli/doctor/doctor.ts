/** `manis doctor`: what the network of this machine lets through to the PoPs, and what to do about the rest. */
import { join, resolve } from 'node:path';
import { Failure } from '../../base/index.ts';
import { judge, type Measurements } from '../../core/doctor/index.ts';
import { decodeSiteGrant, type SiteGrant } from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { examine } from '../../io/doctor/examine.ts';
import { readJson } from '../../io/files.ts';
import { createRandom } from '../../io/random.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { outboundOf } from '../programs/outbound.ts';
import { SOFTWARE } from '../programs/run-program.ts';
import { say, sayJson } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { reportText } from './report.ts';
import type { DoctorSettings } from './settings.ts';

/** Where a connector's folder may be, as `manis connector join` and `manis up` choose it. */
const USUAL_FOLDERS = ['.manis-connector', '/var/lib/manis/connector', join('.manis', 'connector')];

/** Prints what it found. Failure `network-in-the-way` where something is bad. */
export async function runDoctor(settings: DoctorSettings, style: Style): Promise<void> {
  const { folder, grant } = await findGrant(settings.dataDir);
  const measurements = await measure(grant, folder, settings);
  const findings = judge(measurements);
  if (settings.json) sayJson({ measurements, findings }, 2);
  else say(reportText(measurements, findings, style));
  const bad = findings.filter(({ weight }) => weight === 'bad').length;
  if (bad > 0)
    throw new Failure('network-in-the-way', `${bad === 1 ? 'one thing stands' : `${bad} things stand`} in the way`);
}

async function measure(grant: SiteGrant, source: string, settings: DoctorSettings): Promise<Measurements> {
  const pops = await examine({
    ...{ pops: grant.pops, serverName: grant.portalHost, outbound: await outboundOf(settings) },
    ...{ measuresSpeed: true, clock: createClock(), random: createRandom() },
  });
  const proxy = settings.proxy === undefined ? undefined : new URL(settings.proxy).host;
  return { software: SOFTWARE, source, proxy, pops };
}

/** The grant of a connector on this machine. It was verified when it was taken; here it only says where to look. */
async function findGrant(named: string | undefined): Promise<{ folder: string; grant: SiteGrant }> {
  // Of a local network its own folder is named everywhere else, and is here as well.
  for (const folder of named === undefined ? USUAL_FOLDERS : [named, join(named, 'connector')]) {
    const stored = (await readJson(join(folder, 'grant.json'))) as { payload?: unknown } | undefined;
    if (typeof stored?.payload !== 'string') continue;
    const decoded = decodeSiteGrant(stored.payload);
    if (decoded.ok) return { folder: resolve(folder), grant: decoded.value };
  }
  const where = named === undefined ? 'there is no connector on this machine' : `${resolve(named)} holds no connector`;
  throw new UsageFailure('setting-invalid', `${where}: run "manis connector join TOKEN" first, or name its --data-dir`);
}
