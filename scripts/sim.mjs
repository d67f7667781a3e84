// `npm run sim -- pops=100 connectors=10000`: many nodes under a virtual clock. See sim/ and docs/scale.md.
import { run } from './bootstrap.mjs';

// Most objects are packets, gone within milliseconds: room for them saves half of the work of collecting garbage.
run('sim/main.ts', process.argv.slice(2), ['--max-semi-space-size=512', '--max-old-space-size=12288']);
