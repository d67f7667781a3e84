/** `npm run fuzz -- [--minutes N] [--target NAME] [--seed S]`: every parser that strangers reach, for as long as you like. */
import { parseArgs } from 'node:util';
import { FuzzFinding, fuzz } from './fuzz.ts';
import { TARGETS } from './targets/all.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '9' }, target: { type: 'string' }, seed: { type: 'string' } },
});
const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const forMs = (Number(values.minutes) * 60_000) / names.length;
const started = performance.now();

for (const name of names) {
  const make = TARGETS[name];
  if (!make || !(forMs > 0) || !Number.isInteger(seed)) {
    console.error(
      `expected --target one of ${Object.keys(TARGETS).join(', ')}, --minutes above 0, --seed a whole number`,
    );
    process.exit(2);
  }
  const target = await make();
  try {
    const { inputs, corpus, blocks } = await fuzz(target, { seed, forMs, nowMs: () => performance.now() - started });
    console.log(`${target.name.padEnd(22)} ${String(inputs).padStart(9)} inputs  ${corpus} kept  ${blocks} blocks`);
  } catch (error) {
    if (!(error instanceof FuzzFinding)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await target.close?.();
  }
}
