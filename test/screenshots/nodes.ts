/** Nodes besides those of a local network, so that maps and lists show a network that spans the world. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePortBase, MANIS, type Network } from '../e2e/network.ts';
import type { Make } from './lively.ts';

const ARRIVES_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 300;

const POPS = [
  { name: 'New York', latitude: 40.71, longitude: -74.0 },
  { name: 'Singapore', latitude: 1.35, longitude: 103.82 },
  { name: 'São Paulo', latitude: -23.55, longitude: -46.63 },
] as const;

export interface MoreNodes {
  /** `127.0.0.1:21000`: a PoP that believes what its visitors say of where they come from. */
  readonly believing: string | undefined;
  stop(): Promise<void>;
}

/** @param siteIds each gets a connector. */
export async function startMoreNodes(
  network: Network,
  make: Make,
  folder: string,
  siteIds: readonly (string | undefined)[],
): Promise<MoreNodes> {
  const children: ChildProcess[] = [];
  const run = (...words: string[]): void => void children.push(spawn('node', [MANIS, ...words], { stdio: 'ignore' }));
  let believing: string | undefined;
  for (const { name, latitude, longitude } of POPS) {
    const place = { name, location: { name, latitude, longitude } };
    const token = (await make<{ joinToken: string }>('POST', '/pops/enrolment-tokens', place))?.joinToken;
    if (token === undefined) continue;
    const at = `127.0.0.1:${await freePortBase()}`;
    run(
      'pop',
      'join',
      token,
      '--data-dir',
      join(folder, name),
      '--https',
      at,
      '--udp',
      at,
      '--trusted-proxies',
      '127.0.0.0/8',
    );
    await untilJoined(network, 'pops', network.ready.pops.length + children.length);
    believing ??= at;
  }
  const pops = children.length;
  for (const siteId of siteIds) {
    const token = (await make<{ joinToken: string }>('POST', `/sites/${siteId}/enrolment-tokens`, {}))?.joinToken;
    if (token === undefined) continue;
    run('connector', 'join', token, '--data-dir', join(folder, `${siteId}-${children.length}`));
    await untilJoined(network, 'connectors', 1 + children.length - pops);
  }
  const stop = async () => {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => child.exitCode === null && once(child, 'exit')));
  };
  return { believing, stop };
}

/** So many are there, or have had their time: the pages are shown all the same. */
async function untilJoined(network: Network, noun: 'pops' | 'connectors', count: number): Promise<void> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < ARRIVES_WITHIN_MS) {
    const { body } = await network.api('GET', `/${noun}`);
    if (((body as { items?: unknown[] }).items?.length ?? 0) >= count) return;
    await sleep(LOOK_AGAIN_MS);
  }
}
