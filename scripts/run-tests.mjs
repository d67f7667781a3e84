// Runs test files with node's runner, on the node that runs this: `test.mjs` starts it. Not by the runner's command line,
// which sorts files by name, and has one limit for a test and for a file of many.
import { createWriteStream, globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { defaultFlags } from './bootstrap.mjs';
import { countTests } from './count-reporter.mjs';

const ALL_TESTS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'sim/**/*.test.ts'];
/** Tests of whole networks wait for half of their time: three at once keep two cores busy. */
const LANES = 3;
/** Whatever waits for what does not come is told in two minutes. Who needs longer says so with a `timeout` of its own. */
const TEST_TIMEOUT_MS = 120_000;
/** A file that does not end. Idle, the longest takes a minute and a half; machines of CI may be several times slower. */
const FILE_TIMEOUT_MS = 480_000;
/** Whole networks, browsers and foreign programs; everything else is a second or two. */
const HEAVY = 'test/';
/** Seconds on two idle cores, of those that would be late if they were begun late. */
const SECONDS = new Map([
  ['test/chaos/chaos.test.ts', 78],
  ['test/interop/postgres-store.test.ts', 74],
  ['test/e2e/console-publish.test.ts', 65],
  ['test/e2e/console-people.test.ts', 60],
  ['test/interop/linux-tcp.test.ts', 55],
  ['test/netlab/rough-networks.test.ts', 54],
  ['test/e2e/single-sign-on.test.ts', 53],
  ['test/netlab/failover.test.ts', 51],
  ['test/interop/acme.test.ts', 51],
  ['test/e2e/console.test.ts', 50],
  ['test/chaos/sabotage.test.ts', 47],
  ['test/e2e/factors.test.ts', 46],
  ['test/packaging/image.test.ts', 43],
  ['test/e2e/console-blueprint.test.ts', 42],
  ['test/e2e/console-requests.test.ts', 40],
  ['test/skew/skew.test.ts', 40],
  ['test/e2e/console-first-run.test.ts', 35],
  ['test/e2e/rolling.test.ts', 33],
  ['test/fuzz/fuzz.test.ts', 32],
  ['test/docs/run.test.ts', 32],
  ['test/interop/postgres-control.test.ts', 28],
  ['test/packaging/npm.test.ts', 26],
]);
const HEAVY_SECONDS = 15;
const LIGHT_SECONDS = 1.7;

const [countsFile, ...args] = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('-'));
const named = args.filter((arg) => !arg.startsWith('-'));
const files = inOrder(globSync(named.length > 0 ? named : ALL_TESTS));
if (files.length === 0) process.stderr.write(`No test file is named ${named.join(' or ')}.\n`);

const events = run({
  files,
  concurrency: LANES,
  timeout: FILE_TIMEOUT_MS,
  execArgv: [...defaultFlags, `--test-timeout=${TEST_TIMEOUT_MS}`, ...flags],
});
events.on('test:fail', ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
events.compose(countTests).pipe(createWriteStream(countsFile));
events.compose(spec).pipe(process.stdout);

/** The longest first, so that none is left alone at the end, and light ones beside them all the way. */
function inOrder(names) {
  const secondsOf = (name) => SECONDS.get(name) ?? (name.startsWith(HEAVY) ? HEAVY_SECONDS : LIGHT_SECONDS);
  const sorted = names.toSorted((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1));
  const heavy = sorted.filter((name) => name.startsWith(HEAVY));
  const light = sorted.filter((name) => !name.startsWith(HEAVY));
  const ordered = [];
  let [heavySeconds, lightSeconds] = [0, 0];
  while (heavy.length + light.length > 0) {
    const isHeavy = light.length === 0 || (heavy.length > 0 && heavySeconds <= (LANES - 1) * lightSeconds);
    const name = (isHeavy ? heavy : light).shift();
    if (isHeavy) heavySeconds += secondsOf(name);
    else lightSeconds += secondsOf(name);
    ordered.push(name);
  }
  return ordered;
}
