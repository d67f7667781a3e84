/** UDP to one announced endpoint of a PoP: reachability, round trip, loss, NAT, clock, and the largest datagram. */
import { type Endpoint, formatEndpoint } from '../../base/index.ts';
import type { UdpMeasurement } from '../../core/doctor/index.ts';
import type { ProbeClient } from '../probe-client.ts';
import { findEndpoint } from '../resolve.ts';
import {
  DOCTOR_LARGEST_BYTES,
  DOCTOR_PROBE_INTERVAL_MS,
  DOCTOR_PROBE_WAIT_MS,
  DOCTOR_PROBES,
  DOCTOR_SIZE_TRIES,
} from './constants.ts';

/** Small enough for every path. */
const SMALL_BYTES = 100;

export async function measureUdp(client: ProbeClient, announced: string): Promise<UdpMeasurement> {
  const endpoint = await findEndpoint(announced);
  const nothing = { endpoint: announced, sent: 0, answered: 0, rttMs: undefined, seenAs: undefined };
  if (!endpoint) return { ...nothing, address: undefined, clockAheadMs: undefined, largestBytes: undefined };
  const round = await client.round(endpoint, {
    count: DOCTOR_PROBES,
    intervalMs: DOCTOR_PROBE_INTERVAL_MS,
    sizeBytes: SMALL_BYTES,
    waitMs: DOCTOR_PROBE_WAIT_MS,
  });
  const sorted = round.rttsMs.toSorted((a, b) => a - b);
  return {
    endpoint: announced,
    address: endpoint.address.text,
    sent: round.sent,
    answered: round.answered,
    rttMs: sorted[sorted.length >> 1],
    seenAs: round.seenAs && formatEndpoint(round.seenAs),
    clockAheadMs: round.clockAheadMs,
    largestBytes: round.answered > 0 ? await largestDatagram(client, endpoint, sorted.at(-1) ?? 0) : undefined,
  };
}

/** By halving: a size passes when one of its probes is answered. Undefined where the machine would cut it to pieces. */
async function largestDatagram(client: ProbeClient, to: Endpoint, slowestMs: number): Promise<number | undefined> {
  if (!client.dontFragment) return undefined;
  const waitMs = Math.min(DOCTOR_PROBE_WAIT_MS, 4 * slowestMs + 100);
  const passes = async (sizeBytes: number): Promise<boolean> => {
    for (let i = 0; i < DOCTOR_SIZE_TRIES; i++) {
      if ((await client.round(to, { count: 1, intervalMs: 0, sizeBytes, waitMs })).answered > 0) return true;
    }
    return false;
  };
  let [passed, failed] = [SMALL_BYTES, DOCTOR_LARGEST_BYTES + 1];
  if (await passes(DOCTOR_LARGEST_BYTES)) return DOCTOR_LARGEST_BYTES;
  while (failed - passed > 1) {
    const middle = (passed + failed) >> 1;
    if (await passes(middle)) passed = middle;
    else failed = middle;
  }
  return passed;
}
