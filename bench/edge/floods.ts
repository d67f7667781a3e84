/** What honest people notice of floods: the p99 of their requests meanwhile, at a PoP and at nginx. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runWrk, type WrkResult } from '../../test/lab/wrk.ts';
import { type Figures, figure, measuredPairs, pairedFigure } from '../report.ts';
import type { Edge, Route } from './routes.ts';

const FLOODS = ['connections', 'connectionsOfOne', 'slowRequests'] as const;
const PAIRS = 3;
const SECONDS = 4;
/** Until a flood is what it will be. */
const BEGIN_MS = 2_000;
const SETTLE_MS = 1_000;
/** Honest requests under way at once. */
const HONEST = 4;

export async function floods(edge: Edge, say: (line: string) => void): Promise<Figures> {
  await edge.pop.call('lead', edge.filePort);
  const routes = [edge.ours, edge.nginx];
  const honest = ({ origin, headers }: Route): Promise<WrkResult> =>
    runWrk(edge.host, { url: `${origin}/1k`, headers, connections: HONEST, seconds: SECONDS });
  for (const route of routes) await honest(route);
  const calm = await honest(edge.ours);
  let figures: Figures = { calmP99: figure(calm.p99Ms, { unit: 'ms', better: 'less' }) };
  for (const flood of FLOODS) {
    const measure = {
      ours: () => under(edge, edge.ours, flood, honest),
      peer: () => under(edge, edge.nginx, flood, honest),
    };
    const runs = await measuredPairs(PAIRS, measure, ({ ours, peer }, which) =>
      say(`${flood} ${which}: manis ${shown(ours)}, nginx ${shown(peer)}`),
    );
    const pairs = runs.map(({ ours, peer }) => ({ ours: ours.p99Ms, peer: peer.p99Ms }));
    figures = { ...figures, [`${flood}P99`]: pairedFigure(pairs, 'nginx', { unit: 'ms', better: 'less' }) };
  }
  return figures;
}

const shown = (one: WrkResult): string => `${one.requestsPerSecond.toFixed(0)}/s (p99 ${one.p99Ms.toFixed(1)} ms)`;

/** Honest requests while somebody floods the same port. */
async function under(
  { host, opened }: Edge,
  route: Route,
  flood: (typeof FLOODS)[number],
  honest: (route: Route) => Promise<WrkResult>,
): Promise<WrkResult> {
  const attacker = host.spawnNode('bench/edge/flood-process.ts');
  await attacker.call(flood, { port: Number(new URL(route.origin).port), host: opened.host });
  await sleep(BEGIN_MS);
  const result = await honest(route);
  await attacker.call('stop');
  await attacker.stop();
  await sleep(SETTLE_MS);
  return result;
}
