/**
 * The edge of a PoP in a process of its own: TLS, HTTP, session, policy, and connections to targets that are dialled on
 * loopback in place of a tunnel; what tunnels cost, `http` and `tunnel` measure.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectionRates } from '../../src/pop/connection-rates.ts';
import { NEW_CONNECTIONS_PER_SECOND } from '../../src/pop/constants.ts';
import { APP_HOST, PopWorld, resource, target } from '../../src/testing/pop-world.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { followMachine } from './follow-machine.ts';

const rates = connectionRates(NEW_CONNECTIONS_PER_SECOND, undefined);
/** All come from this machine, so only the addresses of whoever floods are counted. */
const isHonest = ({ text }: { readonly text: string }): boolean => !text.startsWith('127.9.');

let world: PopWorld | undefined;
const dialled = { id: 'app', host: APP_HOST };

export interface OpenedPop {
  readonly port: number;
  readonly host: string;
  readonly caFile: string;
  /** Of somebody who is signed in. */
  readonly cookie: string;
}

answerCalls({
  /** Publishes an application that everybody who is signed in may open. */
  async open(targetPort: unknown): Promise<OpenedPop> {
    world = await PopWorld.start(rates ? { connectionRates: { ...rates, exempts: isHonest } } : {});
    followMachine(world.clock);
    world.publishBasics(resource(Number(targetPort), dialled));
    const caFile = join(world.dataDir, 'ca.pem');
    await writeFile(caFile, world.ca.certificatePem);
    return { port: world.port, host: APP_HOST, caFile, cookie: world.sessionCookie('app', APP_HOST) };
  },
  /** Has what was published led to another target from now on. */
  lead(targetPort: unknown): void {
    world?.publish(resource(Number(targetPort), dialled));
  },
  /** The same to a target of HTTP/2. */
  leadHttp2(targetPort: unknown): void {
    const targets = [target(Number(targetPort), { protocol: 'h2' })];
    world?.publish(resource(Number(targetPort), { ...dialled, targets }));
  },
  /** Resident bytes, when nothing more can be collected. */
  resident(): number {
    for (let i = 0; i < 4; i++) globalThis.gc?.();
    return process.memoryUsage().rss;
  },
  counters: () => world?.pop.counters(),
});
