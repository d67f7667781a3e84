/** The carrier to one HTTPS endpoint of a PoP: whether it opens, how long that takes, and how much comes by it. */
import type { Clock, Random } from '../../base/index.ts';
import type { TlsMeasurement } from '../../core/doctor/index.ts';
import type { WayOutcome } from '../../core/link/index.ts';
import {
  emitProbeRequest,
  PROBE_BULK_MAXIMUM_BYTES,
  PROBE_MINIMUM_BYTES,
  PROBE_NONCE_BYTES,
} from '../../core/probe/index.ts';
import { type CarrierAddress, type CarrierDialer, CarrierFailure } from '../carrier/carrier-dialer.ts';
import { Carriers } from '../carrier/carriers.ts';
import { ProxyFailure } from '../outbound/proxy-failure.ts';
import { DOCTOR_BULK_PROBES, DOCTOR_BULK_WAIT_MS } from './constants.ts';

export interface TlsTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Costs three quarters of a megabyte. */
  readonly measuresSpeed: boolean;
}

export async function measureTls(
  dialer: CarrierDialer,
  address: CarrierAddress,
  { clock, random, measuresSpeed }: TlsTools,
): Promise<TlsMeasurement> {
  const { endpoint } = address;
  const startedMs = clock.nowMs();
  try {
    const { socket } = await dialer.dial(address);
    const handshakeMs = clock.nowMs() - startedMs;
    if (!measuresSpeed) socket.terminate();
    const bytesPerSecond = measuresSpeed ? await speed(socket, clock, random) : undefined;
    return { endpoint, outcome: 'ok', detail: '', handshakeMs, bytesPerSecond };
  } catch (error) {
    return { endpoint, ...whyNot(error), handshakeMs: undefined, bytesPerSecond: undefined };
  }
}

type OpenSocket = Parameters<Carriers['add']>[0];

/** Asks for long answers all at once, and counts what comes. */
async function speed(socket: OpenSocket, clock: Clock, random: Random): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let [bytes, answers, lastMs] = [0, 0, 0];
  const carriers = new Carriers({
    clock,
    receiver: {
      receiveCarried: (_bytes, _offset, length) => {
        bytes += length;
        lastMs = clock.nowMs();
        if (++answers === DOCTOR_BULK_PROBES) resolve();
      },
      wake: () => undefined,
    },
    onEnded: () => resolve(),
  });
  const { endpoint } = carriers.add(socket);
  const startedMs = clock.nowMs();
  for (let i = 0; i < DOCTOR_BULK_PROBES; i++)
    carriers.send(
      endpoint,
      emitProbeRequest(random.bytes(PROBE_NONCE_BYTES), PROBE_MINIMUM_BYTES, PROBE_BULK_MAXIMUM_BYTES),
    );
  const late = setTimeout(resolve, DOCTOR_BULK_WAIT_MS);
  await promise;
  clearTimeout(late);
  carriers.close();
  return answers === 0 ? undefined : (bytes * 1000) / Math.max(1, lastMs - startedMs);
}

function whyNot(error: unknown): { outcome: WayOutcome; detail: string } {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof ProxyFailure) return { outcome: 'proxy-refused', detail };
  if (!(error instanceof CarrierFailure)) throw error;
  if (error.code === 'carrier-refused') return { outcome: 'no-carrier', detail };
  const { code } = (error.cause ?? {}) as { code?: string };
  return { outcome: code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'name-not-found' : 'no-answer', detail };
}
