// `npm run sim -- pops=100 connectors=10000`: many nodes under a virtual clock. See sim/ and docs/scale.md.
import { run } from './bootstrap.mjs';

run('sim/main.ts', process.argv.slice(2));
