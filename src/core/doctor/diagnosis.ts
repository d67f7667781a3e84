import {
  DIAGNOSIS_FINDINGS_MAX,
  DIAGNOSIS_TEXT_MAX_CHARS,
  DIAGNOSIS_WAYS_MAX,
  type Diagnosis,
  type ExaminedWay,
} from '../link/index.ts';
import { judge } from './judge.ts';
import type { Measurements, PopMeasurement, TlsMeasurement, UdpMeasurement } from './measurements.ts';

interface Occasion {
  /** The wish that it answers; 0: none. */
  readonly asked: number;
  readonly unixMs: number;
  readonly popsLeftOut: number;
}

/** What control is told, within its bounds whatever was measured. */
export function diagnosisOf(measurements: Measurements, { asked, unixMs, popsLeftOut }: Occasion): Diagnosis {
  const { software, proxy } = measurements;
  const findings = judge(measurements).slice(0, DIAGNOSIS_FINDINGS_MAX);
  return {
    ...{ asked, unixMs: Math.round(unixMs), software: short(software) },
    ...(proxy !== undefined && { proxy: short(proxy) }),
    findings: findings.map((one) => ({ ...one, what: short(one.what), advice: short(one.advice) })),
    ways: waysOf(measurements).slice(0, DIAGNOSIS_WAYS_MAX),
    ...(popsLeftOut > 0 && { popsLeftOut }),
  };
}

/** Every way that was tried, PoP by PoP. */
export function waysOf({ pops }: Pick<Measurements, 'pops'>): ExaminedWay[] {
  return pops.flatMap((pop) => [
    ...pop.udp.map((one) => ({ ...wayOf(pop, 'udp', one), ...foundByUdp(one) })),
    ...pop.tls.map((one) => ({ ...wayOf(pop, 'tls', one), ...foundByTls(one) })),
  ]);
}

function wayOf({ name }: PopMeasurement, by: ExaminedWay['by'], { endpoint }: { readonly endpoint: string }) {
  return { pop: short(name), by, place: short(endpoint) };
}

function foundByUdp({ address, sent, answered, rttMs, largestBytes }: UdpMeasurement) {
  if (answered === 0) return { outcome: address === undefined ? 'name-not-found' : 'no-answer' } as const;
  const loss = Math.max(0, 1 - answered / sent);
  return {
    ...{ outcome: 'ok' as const, loss: rounded(loss, 1_000) },
    ...(rttMs !== undefined && { rttMs: rounded(rttMs, 100) }),
    ...(largestBytes !== undefined && { largestBytes }),
  };
}

function foundByTls({ outcome, detail, handshakeMs, bytesPerSecond }: TlsMeasurement) {
  return {
    outcome,
    ...(detail !== '' && { detail: short(detail) }),
    ...(handshakeMs !== undefined && { rttMs: rounded(handshakeMs, 100) }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond: Math.round(bytesPerSecond) }),
  };
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

/** One line, and no longer than is taken. */
function short(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ');
  return plain.length <= DIAGNOSIS_TEXT_MAX_CHARS ? plain : `${plain.slice(0, DIAGNOSIS_TEXT_MAX_CHARS - 1)}…`;
}
