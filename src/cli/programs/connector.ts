/** `manis connector`: assembles a connector. */
import { startConnector } from '../../connector/start-connector.ts';
import { createClock } from '../../io/clock.ts';
import { readText } from '../../io/files.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import type { ConnectorSettings } from '../config/programs.ts';
import { requireText, runProgram, SOFTWARE } from './run-program.ts';

export function runConnector(settings: ConnectorSettings): Promise<void> {
  return runProgram('connector', settings.logLevel, async (log) => {
    const enrolment = await enrolmentOf(settings);
    const connector = await startConnector({
      dataDir: settings.dataDir,
      ...(enrolment && { enrolment }),
      listen: { address: settings.udp.host, port: settings.udp.port },
      tunnels: settings.tunnels,
      mtu: settings.mtu,
      clock: createClock(),
      random: createRandom(),
      signing: createSigningPort(new NodeSessionCrypto()),
      log,
      software: SOFTWARE,
    });
    const { connectorId, siteId } = connector;
    return { details: { connectorId, siteId }, close: () => connector.close() };
  });
}

async function enrolmentOf({ enrolUrl, enrolToken, caFile, name }: ConnectorSettings) {
  if (enrolUrl === undefined || enrolToken === undefined) return undefined;
  const ca = caFile === undefined ? undefined : requireText(await readText(caFile), caFile);
  return { url: new URL(enrolUrl), token: enrolToken, ...(ca && { ca }), ...(name && { name }) };
}
