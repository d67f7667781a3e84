// `npm run chaos`: faults under load. See test/chaos.
import { run } from './bootstrap.mjs';

run('test/chaos/main.ts', process.argv.slice(2));
