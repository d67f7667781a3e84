/** What the network of this machine lets through to PoPs, measured by the means that everybody has. */
import { type Clock, parseEndpoint, type Random } from '../../base/index.ts';
import type { PopMeasurement } from '../../core/doctor/index.ts';
import type { GrantedPop } from '../../core/link/index.ts';
import { CarrierDialer } from '../carrier/carrier-dialer.ts';
import { ProbeClient } from '../probe-client.ts';
import type { Unplugged } from '../udp/unplugged-socket.ts';
import { DOCTOR_PROBES } from './constants.ts';
import { measureTls } from './measure-tls.ts';
import { measureUdp } from './measure-udp.ts';

export interface Examination {
  readonly pops: readonly Pick<GrantedPop, 'name' | 'udpEndpoints' | 'httpsEndpoints'>[];
  /** A host that every PoP serves. Left out: that of the endpoint. */
  readonly serverName?: string | undefined;
  readonly outbound: ConstructorParameters<typeof CarrierDialer>[0];
  readonly measuresSpeed: boolean;
  /** Places that are cut off, for drills. */
  readonly unplugged?: Unplugged | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** One PoP after the other. Failure `listen-failed` where no socket can be had. */
export async function examine(examination: Examination): Promise<PopMeasurement[]> {
  const { pops, serverName, outbound, clock, random } = examination;
  const hasIpv6 = pops.some(({ udpEndpoints }) => udpEndpoints.some((endpoint) => !/^\d/.test(endpoint)));
  const client = await ProbeClient.open(hasIpv6 ? '::' : '0.0.0.0', clock, random);
  const dialer = new CarrierDialer(outbound);
  try {
    return await inTurn(pops, async (pop) => {
      const { name, udpEndpoints, httpsEndpoints } = pop;
      if (isCutOff(pop, examination.unplugged)) return silent(pop);
      const udp = await inTurn(udpEndpoints, (endpoint) => measureUdp(client, endpoint));
      const tls = await inTurn(httpsEndpoints, (endpoint) =>
        measureTls(dialer, { endpoint, ...(serverName && { serverName }) }, examination),
      );
      return { name, udp, tls };
    });
  } finally {
    dialer.close();
    await client.close();
  }
}

type Examined = Examination['pops'][number];

function isCutOff({ udpEndpoints }: Examined, unplugged: Unplugged | undefined): boolean {
  return udpEndpoints.some((text) => {
    const endpoint = parseEndpoint(text);
    return endpoint !== undefined && unplugged?.has(endpoint) === true;
  });
}

/** As it looks where nothing gets through. */
function silent({ name, udpEndpoints, httpsEndpoints }: Examined): PopMeasurement {
  const nothing = { rttMs: undefined, seenAs: undefined, clockAheadMs: undefined, largestBytes: undefined };
  return {
    name,
    udp: udpEndpoints.map((endpoint) => ({
      ...{ endpoint, address: endpoint, sent: DOCTOR_PROBES, answered: 0 },
      ...nothing,
    })),
    tls: httpsEndpoints.map((endpoint) => ({
      ...{ endpoint, outcome: 'no-answer', detail: '', handshakeMs: undefined, bytesPerSecond: undefined },
    })),
  };
}

/** So that measurements do not get in each other's way. */
async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
