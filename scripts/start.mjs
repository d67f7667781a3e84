// `npm start`: a complete local network. See src/cli/up.
import { run } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

ensureConsole();
run('src/cli/main.ts', ['up', ...process.argv.slice(2)]);
