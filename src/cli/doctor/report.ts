import type { Style } from '../terminal/style.ts';
import { formatTable } from '../terminal/table.ts';
import { type Finding, megabits } from './judge.ts';
import type { Measurements, PopMeasurement, TlsMeasurement, UdpMeasurement } from './measurements.ts';

/** For a person: what was measured, then what is wrong and what to do. */
export function reportText(measurements: Measurements, findings: readonly Finding[], style: Style): string {
  const { source, proxy, pops } = measurements;
  const head = `Looked at the way from this machine to ${count(pops.length, 'PoP')} (${source}${proxy === undefined ? '' : `, proxy ${proxy}`}).`;
  const rows = pops.flatMap(rowsOf);
  const table = formatTable(['pop', 'by', 'place', 'works', 'round trip', 'loss', 'largest', 'speed'], rows);
  const parts = [head, ...(rows.length > 0 ? [table] : []), ...findings.map((finding) => findingText(finding, style))];
  if (findings.length === 0) parts.push(style.good('✓ Nothing stands in the way.'));
  return parts.join('\n\n');
}

function findingText({ weight, what, advice }: Finding, style: Style): string {
  const mark = weight === 'bad' ? style.bad('✗') : style.dim('·');
  return `${mark} ${style.strong(what)}\n  ${advice}`;
}

function rowsOf({ name, udp, tls }: PopMeasurement): string[][] {
  return [...udp.map((one) => [name, 'UDP', ...udpCells(one)]), ...tls.map((one) => [name, 'TLS', ...tlsCells(one)])];
}

function udpCells({ endpoint, address, sent, answered, rttMs, largestBytes }: UdpMeasurement): string[] {
  const works = address === undefined ? 'name not found' : answered > 0 ? 'yes' : 'no answer';
  const loss = answered > 0 ? `${Math.round((1 - answered / sent) * 100)} %` : '-';
  return [endpoint, works, milliseconds(rttMs), loss, largestBytes === undefined ? '-' : `${largestBytes} B`, '-'];
}

function tlsCells({ endpoint, outcome, handshakeMs, bytesPerSecond }: TlsMeasurement): string[] {
  const works = outcome === 'ok' ? 'yes' : outcome.replaceAll('-', ' ');
  const speed = bytesPerSecond === undefined ? '-' : megabits(bytesPerSecond);
  return [endpoint, works, milliseconds(handshakeMs), '-', '-', speed];
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${ms.toFixed(1)} ms`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
