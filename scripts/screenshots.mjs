// `npm run screenshots`: every page, light and dark, on a desk and on a phone. See test/screenshots.
import { run } from './bootstrap.mjs';

run('test/screenshots/main.ts', process.argv.slice(2));
