/** iperf3 as the source and sink of bytes, the same for ours and for what it is compared with. */
import type { Host } from './host.ts';
import type { HostProcess } from './host-process.ts';

export const IPERF_REQUIREMENTS = ['iperf3'] as const;

export interface IperfOptions {
  readonly host: string;
  readonly port: number;
  readonly seconds: number;
  /** `download`: the server sends to the client; `upload`: the client sends. */
  readonly direction: 'download' | 'upload';
  readonly streams?: number;
}

export interface IperfResult {
  /** Payload that arrived at the receiver. */
  readonly bytes: number;
  readonly seconds: number;
  readonly megabitsPerSecond: number;
  /** CPU of the iperf3 client and server together. */
  readonly cpuSeconds: number;
}

interface IperfReport {
  readonly error?: string;
  readonly end: {
    readonly sum_received: { readonly bytes: number; readonly seconds: number; readonly bits_per_second: number };
    readonly cpu_utilization_percent: { readonly host_total: number; readonly remote_total: number };
  };
}

/** Longer than any run: an iperf3 that hangs is ended. */
const SLACK_MS = 20_000;

/** Starts a server that stays until its host goes. */
export async function startIperfServer(host: Host, port: number): Promise<HostProcess> {
  const server = host.spawn('iperf3', ['-s', '-p', String(port), '--forceflush']);
  await server.waitFor(/Server listening/, 5_000);
  return server;
}

export async function runIperf(host: Host, options: IperfOptions): Promise<IperfResult> {
  const { direction, streams = 1, seconds } = options;
  const target = ['-c', options.host, '-p', String(options.port), '-t', String(seconds), '-P', String(streams)];
  // CUBIC, Debian's default, whatever the machine is tuned to: for a tunnel that carries the kernel's TCP it counts.
  const client = host.spawn('iperf3', [...target, '-C', 'cubic', '-J', ...(direction === 'download' ? ['-R'] : [])]);
  const timer = setTimeout(() => client.killNow(), seconds * 1000 + SLACK_MS);
  await client.ended;
  clearTimeout(timer);
  return readIperfReport(client.stdout, client.stderr);
}

/** What a run measured, from iperf3's JSON. Throws with its reason where it failed. */
export function readIperfReport(text: string, errors = ''): IperfResult {
  let report: IperfReport;
  try {
    report = JSON.parse(text) as IperfReport;
  } catch {
    throw new Error(`iperf3 gave no report: ${text.slice(0, 500)}${errors}`);
  }
  if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
  const { sum_received: received, cpu_utilization_percent: cpu } = report.end;
  return {
    bytes: received.bytes,
    seconds: received.seconds,
    megabitsPerSecond: received.bits_per_second / 1e6,
    cpuSeconds: ((cpu.host_total + cpu.remote_total) / 100) * received.seconds,
  };
}
