/**
 * `failover`: each row of the promises, many times over, in network namespaces: how long people wait and what fails.
 * `--repetitions N`; 20 by default.
 */
import { missingRequirement } from '../../test/interop/requirements.ts';
import { World } from '../../test/netlab/world.ts';
import type { BenchOptions } from '../main.ts';
import { type Figure, type Figures, figure } from '../report.ts';
import { BROWSER_REQUIREMENTS, browserRecovers, type HttpVersion } from './browser.ts';
import { ROWS, type Row, WORLDS, type WorldName } from './rows.ts';
import { quantile, type Sample, type Summary, summaryOf } from './sample.ts';

const REPETITIONS = 20;
const COMPLAINTS_SHOWN = 5;
const BROWSER_ROWS: readonly (readonly [name: string, version: HttpVersion])[] = [
  ['browserRecovers', 'h2'],
  ['browserRecoversHttp1', 'http/1.1'],
];

type Say = (line: string) => void;

export async function failover(say: Say, { repetitions = REPETITIONS }: BenchOptions): Promise<Figures> {
  const figures: Record<string, Figure> = {};
  for (const name of Object.keys(WORLDS) as WorldName[]) {
    await using world = await World.open(WORLDS[name]);
    for (const [row, { world: wanted, ...one }] of Object.entries(ROWS) as [string, Row][]) {
      if (wanted === name)
        Object.assign(figures, await measure(row, { world: wanted, ...one }, world, repetitions, say));
    }
    if (name === 'two PoPs, two connectors') Object.assign(figures, await measureBrowser(world, repetitions, say));
  }
  return inOrder(figures);
}

async function measure(name: string, row: Row, world: World, repetitions: number, say: Say): Promise<Figures> {
  const samples: Sample[] = [];
  for (let i = 0; i < repetitions; i++) samples.push(await repeatOrFail(row, world, i));
  const summary = summaryOf(samples);
  say(`${name.padEnd(20)} ${inWords(summary)}`);
  for (const complaint of summary.complaints.slice(0, COMPLAINTS_SHOWN)) say(`  ${complaint}`);
  const { targetMs } = row;
  return {
    [name]: figure(summary.stallP99Ms, {
      unit: 'ms',
      better: 'less',
      ...(targetMs !== undefined && { target: targetMs }),
    }),
    [`${name}Failed`]: figure(summary.failed, { unit: 'requests', better: 'less', target: 0 }),
  };
}

/** A repetition that cannot even be carried out is a failed one; the next finds everything whole again. */
async function repeatOrFail(row: Row, world: World, repetition: number): Promise<Sample> {
  try {
    return await row.repeat(world, repetition);
  } catch (error) {
    await world.restore();
    return { stallsMs: [], failed: 1, detectedMs: undefined, complaints: [`not carried out: ${error}`] };
  }
}

async function measureBrowser(world: World, repetitions: number, say: Say): Promise<Figures> {
  const missing = missingRequirement(BROWSER_REQUIREMENTS);
  if (missing !== undefined) {
    say(`browserRecovers is left out: ${missing}`);
    return {};
  }
  const figures: Record<string, Figure> = {};
  for (const [name, version] of BROWSER_ROWS) {
    const times = await browserRecovers(world, version, repetitions);
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    say(`${name.padEnd(20)} p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
    figures[name] = figure(p99, { unit: 'ms', better: 'less' });
  }
  return figures;
}

function inWords({ stallP50Ms, stallP99Ms, detectedP50Ms, detectedP99Ms, failed }: Summary): string {
  const ms = (value: number): string => (Number.isNaN(value) ? '-' : `${value.toFixed(0)} ms`);
  const detected = `detected p50 ${ms(detectedP50Ms)}, p99 ${ms(detectedP99Ms)}`;
  return `${detected}; stall p50 ${ms(stallP50Ms)}, p99 ${ms(stallP99Ms)}; failed ${failed}`;
}

/** As the promises are listed, whatever world they were measured in. */
function inOrder(figures: Readonly<Record<string, Figure>>): Figures {
  const names = [
    ...Object.keys(ROWS).flatMap((name) => [name, `${name}Failed`]),
    ...BROWSER_ROWS.map(([name]) => name),
  ];
  return Object.fromEntries(names.flatMap((name) => (figures[name] ? [[name, figures[name]]] : [])));
}
