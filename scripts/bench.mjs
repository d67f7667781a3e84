// `npm run bench -- NAME [--json]`. See bench/.
import { run } from './bootstrap.mjs';

run('bench/main.ts', process.argv.slice(2));
