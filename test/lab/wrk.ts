/** wrk as the source of HTTP requests. */
import type { Host } from './host.ts';

export const WRK_REQUIREMENTS = ['wrk'] as const;

export interface WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function runWrk(host: Host, options: WrkOptions): Promise<WrkResult> {
  const { url, connections, seconds, headers = {} } = options;
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '5s'];
  return readWrkReport(await host.spawn('wrk', [...load, ...fields, url]).success());
}

/** What wrk said. Throws where some answers were not good ones: a rate of errors is no rate. */
export function readWrkReport(text: string): WrkResult {
  const failed = /^\s*(Non-2xx or 3xx responses: \d+|Socket errors: .*)$/m.exec(text);
  if (failed) throw new Error(`wrk: ${failed[1]}`);
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    requests: Number(/^\s*(\d+) requests in/m.exec(text)?.[1]),
    p50Ms: milliseconds(/^\s*50%\s+(\S+)$/m.exec(text)?.[1]),
    p99Ms: milliseconds(/^\s*99%\s+(\S+)$/m.exec(text)?.[1]),
  };
}

function milliseconds(text = ''): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
  return Number(number) * (factors[unit ?? ''] ?? Number.NaN);
}
