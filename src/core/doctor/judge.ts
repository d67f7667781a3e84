import type { DiagnosisFinding } from '../link/index.ts';
import {
  CLOCK_OFF_MS,
  CLOCK_WRONG_MS,
  LOSS_NOTED,
  SLOW_BYTES_PER_SECOND,
  SMALLEST_USEFUL_BYTES,
  USUAL_BYTES,
} from './constants.ts';
import type { Measurements, PopMeasurement, TlsMeasurement, UdpMeasurement } from './measurements.ts';

export type FindingCode =
  | 'no-pop-known'
  | 'no-way-to-pop'
  | 'udp-blocked'
  | 'tls-blocked'
  | 'name-not-found'
  | 'proxy-refused'
  | 'clock-wrong'
  | 'clock-off'
  | 'loss'
  | 'mtu-too-small'
  | 'mtu-small'
  | 'nat-symmetric'
  | 'slow';

export interface Finding extends DiagnosisFinding {
  readonly code: FindingCode;
}

/** What is wrong, the worst first, and what to do about it. Empty: nothing. */
export function judge(measurements: Measurements): Finding[] {
  const { pops } = measurements;
  if (pops.length === 0) {
    return [
      bad(
        'no-pop-known',
        'This connector knows no PoP.',
        'Add one with "manis pop add", or let the connector enrol again.',
      ),
    ];
  }
  const findings = [...clock(pops), ...pops.flatMap(reach), ...pops.flatMap(quality), ...nat(pops)];
  return [...findings.filter(({ weight }) => weight === 'bad'), ...findings.filter(({ weight }) => weight === 'note')];
}

function bad(code: FindingCode, what: string, advice: string): Finding {
  return { code, weight: 'bad', what, advice };
}

function note(code: FindingCode, what: string, advice: string): Finding {
  return { code, weight: 'note', what, advice };
}

const isAnswered = ({ answered }: UdpMeasurement): boolean => answered > 0;
const isTaken = ({ outcome }: TlsMeasurement): boolean => outcome === 'ok';

/** Whether there is a way to a PoP, and which ways are closed. */
function reach({ name, udp, tls }: PopMeasurement): Finding[] {
  const unknown = [
    ...udp.filter(({ address }) => address === undefined),
    ...tls.filter(({ outcome }) => outcome === 'name-not-found'),
  ];
  const names = [...new Set(unknown.map(({ endpoint }) => endpoint.replace(/:\d+$/, '')))];
  const findings = names.map((host) =>
    bad(
      'name-not-found',
      `The name ${host} of PoP ${name} is not found.`,
      'Check the DNS servers of this machine, and that the name is spelled as the PoP announces it.',
    ),
  );
  const hasUdp = udp.some(isAnswered);
  const hasTls = tls.some(isTaken);
  if (!hasUdp && !hasTls) findings.push(noWay(name, udp, tls));
  else if (!hasUdp && udp.length > 0) findings.push(udpBlocked(name, udp));
  else if (!hasTls && tls.length > 0) findings.push(tlsBlocked(name, tls));
  const proxied = tls.find(({ outcome }) => outcome === 'proxy-refused');
  if (proxied)
    findings.push(
      bad(
        'proxy-refused',
        `The proxy did not let us through to PoP ${name}: ${proxied.detail}.`,
        'Check the credentials in HTTPS_PROXY, or ask for an exemption for this host and port.',
      ),
    );
  return findings;
}

function placesOf(measured: readonly { readonly endpoint: string }[]): string {
  return measured.map(({ endpoint }) => endpoint).join(', ');
}

function noWay(name: string, udp: readonly UdpMeasurement[], tls: readonly TlsMeasurement[]): Finding {
  const said = tls.find(({ detail }) => detail !== '')?.detail;
  const why = said === undefined ? '' : ` (${said})`;
  return bad(
    'no-way-to-pop',
    `PoP ${name} is reached neither by UDP nor by TLS${why}.`,
    `Allow outbound UDP to ${placesOf(udp)} or TCP to ${placesOf(tls)}; if they are allowed, see whether the PoP runs.`,
  );
}

function udpBlocked(name: string, udp: readonly UdpMeasurement[]): Finding {
  return note(
    'udp-blocked',
    `UDP to PoP ${name} is blocked; the tunnel goes over TLS instead.`,
    `For speed allow outbound UDP to ${placesOf(udp)}.`,
  );
}

function tlsBlocked(name: string, tls: readonly TlsMeasurement[]): Finding {
  const said = tls.find(({ detail }) => detail !== '')?.detail ?? 'no answer';
  return note(
    'tls-blocked',
    `TLS to PoP ${name} does not work (${said}); nothing stands in where UDP fails.`,
    `Allow outbound TCP to ${placesOf(tls)}.`,
  );
}

/** How good the ways are. */
function quality({ name, udp, tls }: PopMeasurement): Finding[] {
  const findings: Finding[] = [];
  const best = udp.find(isAnswered);
  const lost = best ? best.sent - best.answered : 0;
  if (best && lost > LOSS_NOTED * best.sent)
    findings.push(
      note(
        'loss',
        `${Math.round((lost / best.sent) * 100)} % of the datagrams to PoP ${name} are lost.`,
        'Look at the link of this site: Wi-Fi, or a line that is full. Manis moves to TLS where it does better.',
      ),
    );
  const size = best?.largestBytes;
  if (size !== undefined && size < SMALLEST_USEFUL_BYTES)
    findings.push(
      bad(
        'mtu-too-small',
        `Datagrams to PoP ${name} may have ${size} bytes at most; WireGuard needs ${SMALLEST_USEFUL_BYTES}.`,
        'Find the VPN or tunnel that this machine goes through and raise its MTU; until then the tunnel goes over TLS.',
      ),
    );
  else if (size !== undefined && size < USUAL_BYTES)
    findings.push(
      note(
        'mtu-small',
        `Datagrams to PoP ${name} may have ${size} bytes at most (PPPoE, a VPN or a mobile network).`,
        'Nothing: Manis finds this out by itself and sends smaller packets.',
      ),
    );
  const slow = tls.find(({ bytesPerSecond }) => bytesPerSecond !== undefined && bytesPerSecond < SLOW_BYTES_PER_SECOND);
  if (slow?.bytesPerSecond !== undefined)
    findings.push(
      note(
        'slow',
        `Only ${megabits(slow.bytesPerSecond)} come from PoP ${name}.`,
        'Look at the link of this site and of the PoP; another PoP may be nearer.',
      ),
    );
  return findings;
}

export function megabits(bytesPerSecond: number): string {
  return `${((bytesPerSecond * 8) / 1e6).toFixed(1)} Mbit/s`;
}

/** Our clock against all of theirs: what most of them say. */
function clock(pops: readonly PopMeasurement[]): Finding[] {
  const ahead = pops.flatMap(({ udp }) => udp.flatMap(({ clockAheadMs }) => clockAheadMs ?? [])).sort((a, b) => a - b);
  const median = ahead[ahead.length >> 1];
  if (median === undefined || Math.abs(median) < CLOCK_OFF_MS) return [];
  const what = `The clock of this machine is ${durationOf(Math.abs(median))} ${median > 0 ? 'slow' : 'fast'}.`;
  const advice = 'Let it be set by the network: timedatectl set-ntp true.';
  return [Math.abs(median) >= CLOCK_WRONG_MS ? bad('clock-wrong', what, advice) : note('clock-off', what, advice)];
}

function durationOf(ms: number): string {
  if (ms >= 2 * 86_400_000) return `${Math.round(ms / 86_400_000)} days`;
  if (ms >= 2 * 3_600_000) return `${Math.round(ms / 3_600_000)} hours`;
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1_000)} seconds`;
}

/** One socket that is another port to each PoP: a NAT that nobody can be told the other side of. */
function nat(pops: readonly PopMeasurement[]): Finding[] {
  const seen = pops.flatMap(({ udp }) => udp.flatMap(({ seenAs }) => seenAs ?? []));
  const ports = new Set(seen.map((endpoint) => endpoint.slice(endpoint.lastIndexOf(':') + 1)));
  if (seen.length < 2 || ports.size < 2) return [];
  return [
    note(
      'nat-symmetric',
      'The NAT gives this machine another port to each PoP (symmetric NAT).',
      'Nothing: connectors dial out, so it does no harm.',
    ),
  ];
}
