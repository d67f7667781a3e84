// `npm run fuzz`: what strangers may send, mutated without end. See test/fuzz.
import { run } from './bootstrap.mjs';

run('test/fuzz/main.ts', process.argv.slice(2));
