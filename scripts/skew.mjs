// `npm run skew`: this version and the previous one in one network. See test/skew.
import { run } from './bootstrap.mjs';

run('test/skew/main.ts', process.argv.slice(2));
