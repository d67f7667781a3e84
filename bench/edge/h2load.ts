/** h2load (of nghttp2) as the source of requests of HTTP/2. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../test/lab/host.ts';

export const H2LOAD_REQUIREMENTS = ['h2load'] as const;

export interface H2loadOptions {
  readonly url: string;
  readonly connections: number;
  /** Requests under way at once on each connection. */
  readonly streams: number;
  readonly seconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What each request has as its body, which makes it a POST. */
  readonly dataFile?: string;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

export async function runH2load(host: Host, options: H2loadOptions): Promise<LoadResult> {
  const { url, connections, streams, seconds, headers, dataFile } = options;
  const data = dataFile === undefined ? [] : ['-d', dataFile];
  const folder = mkdtempSync(join(tmpdir(), 'manis-h2load-'));
  try {
    const log = join(folder, 'log');
    const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name.toLowerCase()}: ${value}`]);
    const load = ['-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`, '--warm-up-time=0', `--log-file=${log}`];
    const report = await host.spawn('h2load', [...load, ...data, ...fields, url]).success();
    return { requestsPerSecond: rateIn(report), p99Ms: p99In(readFileSync(log, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws where some answers were not good ones: a rate of errors is no rate. */
export function rateIn(report: string): number {
  const [, good, redirected, ...bad] = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(report) ?? [];
  if (Number(good) === 0 || redirected !== '0' || bad.some((count) => count !== '0'))
    throw new Error(`h2load: ${report}`);
  return Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(report)?.[1]);
}

/** Lines of start, status and microseconds. */
export function p99In(log: string): number {
  const took = log.split('\n').flatMap((line) => {
    const [, status, microseconds] = line.split('\t');
    return status === '200' ? [Number(microseconds)] : [];
  });
  took.sort((a, b) => a - b);
  return (took[Math.floor(took.length * 0.99)] ?? Number.NaN) / 1_000;
}
