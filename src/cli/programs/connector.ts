/** `manis connector`: assembles a connector. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { startConnector } from '../../connector/start-connector.ts';
import { createClock } from '../../io/clock.ts';
import { DRILL_FILE, DrillFile } from '../../io/drill-file.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import type { ConnectorSettings } from '../config/programs.ts';
import { enrolmentOf } from './enrolment.ts';
import { outboundOf } from './outbound.ts';
import { runProgram, SOFTWARE } from './run-program.ts';

export function runConnector(settings: ConnectorSettings): Promise<void> {
  return runProgram('connector', settings, async (log) => {
    const enrolment = await enrolmentOf(settings);
    const { name } = settings;
    const drill = settings.drills ? new DrillFile(join(settings.dataDir, DRILL_FILE)) : undefined;
    const connector = await startConnector({
      dataDir: settings.dataDir,
      ...(enrolment && { enrolment: { ...enrolment, name: name ?? hostname() } }),
      outbound: await outboundOf(settings),
      listen: { address: settings.udp.host, port: settings.udp.port },
      tunnels: settings.tunnels === 'all' ? Number.POSITIVE_INFINITY : settings.tunnels,
      mtu: settings.mtu,
      examines: true,
      publishing: { dockerSocket: settings.dockerSocket, file: settings.blueprint },
      ...(settings.unixSockets !== undefined && { unixSockets: settings.unixSockets }),
      ...(drill && { unplugged: drill }),
      clock: createClock(),
      random: createRandom(),
      signing: createSigningPort(new NodeSessionCrypto()),
      log,
      software: SOFTWARE,
    });
    const { connectorId, siteId } = connector;
    const close = async (): Promise<void> => {
      await connector.drain(settings.streamSeconds * 1000);
      await connector.close();
      drill?.close();
    };
    return { details: { connectorId, siteId }, observed: connector, close };
  });
}
