// `npm run check`: format, lint, types, boundaries and the quick unit tests, side by side, in under a minute.
// `--gates` leaves the other unit tests out, for a run that has the whole `npm test` behind it.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFlags, ensureInstalled, findNode, nodeEnvironment, root } from './bootstrap.mjs';

const BOUNDARIES = 'src/architecture.test.ts';
/** A step that has not ended by now hangs; the whole is promised in 60 s. */
const STEP_DEADLINE_MS = 180_000;
/** A test file whose first lines hold the word "heavy" is left to `npm test`. */
const HEAD_LENGTH = 400;

ensureInstalled();
const node = findNode();
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const test = [...defaultFlags, '--test', '--test-reporter=dot', '--test-timeout=60000'];
const gates = [
  { name: 'format and lint', args: [join('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'ci', '.'] },
  { name: 'types of base and core', args: [tsc, '-p', 'tsconfig.core.json'] },
  { name: 'types', args: [tsc, '-p', 'tsconfig.json'] },
  { name: 'types of the console', args: [tsc, '-p', 'tsconfig.dashboard.json'] },
  { name: 'boundaries', args: [...defaultFlags, '--test', '--test-reporter=spec', BOUNDARIES] },
];
const unitTests = { name: 'unit tests', args: [...test, '--test-concurrency=2', ...quickTests()] };

const startedMs = Date.now();
const gateResults = await Promise.all(gates.map(runStep));
const results = process.argv.includes('--gates') ? gateResults : [...gateResults, await runStep(unitTests)];
const failed = results.filter((result) => !result.passed).map((result) => result.name);
const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
console.log(failed.length === 0 ? `check passed in ${seconds} s` : `check failed: ${failed.join(', ')} (${seconds} s)`);
process.exitCode = failed.length === 0 ? 0 : 1;

function quickTests() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('src', name))
    .filter((path) => path !== join(BOUNDARIES))
    .filter((path) => !/\bheavy\b/i.test(readFileSync(join(root, path), 'utf8').slice(0, HEAD_LENGTH)));
}

/** Runs one step; what it printed is shown when it fails. */
function runStep({ name, args }) {
  const beganMs = Date.now();
  const child = spawn(node, args, { cwd: root, env: nodeEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const late = setTimeout(() => child.kill('SIGTERM'), STEP_DEADLINE_MS);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(late);
      const passed = code === 0;
      const seconds = ((Date.now() - beganMs) / 1000).toFixed(1);
      console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`);
      if (!passed) process.stdout.write(Buffer.concat(output));
      resolve({ name, passed });
    });
  });
}
