/** `manis control`: assembles a control node. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DRAIN_MS } from '../../control/constants.ts';
import { collectControl, notReadyOf } from '../../control/metrics.ts';
import { startControl } from '../../control/start-control.ts';
import { createClock } from '../../io/clock.ts';
import { ensureOwnFolder, OWNER_ONLY, removeFile, replaceFile } from '../../io/files.ts';
import { packageRootOf } from '../../io/package/package-files.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import type { ControlSettings } from '../config/programs.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from './enrolment.ts';
import { firstAcmeOf } from './first-acme.ts';
import { outboundOf } from './outbound.ts';
import { runProgram, SOFTWARE } from './run-program.ts';
import { storePassword } from './store-password.ts';

/** Built by `scripts/build-console.ts`. */
const CONSOLE_DIR = fileURLToPath(new URL('../../../dist/console', import.meta.url));

/** Holds the link of the first administrator while it has not been used. */
const SET_UP_FILE = 'set-up-link';

export function runControl(settings: ControlSettings): Promise<void> {
  return runProgram('control', settings, async (log) => {
    const { dataDir, adminEmail, adminPasswordFile, portalHost, publicPort, url, dnsZone } = settings;
    const password = adminPasswordFile && (await requireText('admin-password-file', adminPasswordFile)).trim();
    requireOwnUrl(settings);
    await ensureOwnFolder(dataDir);
    const packageRoot = packageRootOf(import.meta.url);
    const firstAcme = await firstAcmeOf(settings);
    const control = await startControl({
      dataDir,
      listen: settings.listen,
      portalHost,
      publicPort,
      ...(url && { publicUrl: url }),
      ...(dnsZone && { dnsZone }),
      ...(firstAcme && { firstAcme }),
      acme: { outbound: await outboundOf(settings) },
      ...(settings.store && { store: { url: settings.store, password: await storePassword(settings) } }),
      clock: createClock(),
      random: createRandom(),
      crypto: new NodeSessionCrypto(),
      log,
      firstAdmin: { email: adminEmail, ...(password && { password }) },
      software: SOFTWARE,
      consoleDir: CONSOLE_DIR,
      ...(packageRoot && { packageRoot }),
      drainMs: DRAIN_MS,
    });
    const { setUp, caFile, controlId } = control;
    const origin = `https://${portalHost}${publicPort === 443 ? '' : `:${publicPort}`}`;
    const setupUrl = setUp && `${origin}/set-up/${setUp.token}`;
    await keepSetUpLink(dataDir, setupUrl);
    return {
      details: { controlId, url: control.url, caFile, adminEmail: setUp?.email ?? adminEmail },
      secrets: { setupUrl },
      observed: {
        notReady: () => notReadyOf(control.observed),
        collect: (samples) => collectControl(samples, control.observed),
      },
      close: () => control.close(),
    };
  });
}

/** A node without a parent has nobody to tell; the log is no place for it. */
async function keepSetUpLink(dataDir: string, setupUrl: string | null): Promise<void> {
  const path = join(dataDir, SET_UP_FILE);
  if (setupUrl === null) await removeFile(path);
  else await replaceFile(path, `${setupUrl}\n`, OWNER_ONLY);
}

/** PoPs are told where each of several nodes is; that a node listens everywhere says nothing about that. */
function requireOwnUrl({ store, url, listen }: ControlSettings): void {
  if (store === undefined || url !== undefined || (listen.host !== '0.0.0.0' && listen.host !== '::')) return;
  throw new UsageFailure(
    'setting-invalid',
    '--url (or MANIS_URL) is missing; expected an https URL at which PoPs reach this one of several control nodes',
  );
}
