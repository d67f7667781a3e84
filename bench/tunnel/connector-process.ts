/** The other end of our tunnel: a connector as `manis connector` assembles it, with a grant that lies on its disk. */
import { startConnector } from '../../src/connector/start-connector.ts';
import { createClock } from '../../src/io/clock.ts';
import { createSigningPort } from '../../src/io/link-crypto.ts';
import { createLog } from '../../src/io/log.ts';
import { createRandom } from '../../src/io/random.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { answerCalls } from '../../test/lab/calls.ts';

export interface ConnectorSettings {
  readonly dataDir: string;
  readonly mtu: number;
  readonly udp: 'offload' | 'plain';
}

answerCalls({
  async open({ dataDir, mtu, udp }: ConnectorSettings): Promise<void> {
    await startConnector({
      dataDir,
      listen: { address: '0.0.0.0', port: 0 },
      tunnels: 1,
      mtu,
      udp,
      clock: createClock(),
      random: createRandom(),
      signing: createSigningPort(new NodeSessionCrypto()),
      log: createLog({ level: 'error' }),
      software: 'bench',
    });
  },
});
