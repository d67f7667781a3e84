// `npm run join`: the commands that connect a new machine, run with npm's registry. See test/packaging/pasted-commands.ts.
import { run } from './bootstrap.mjs';

run('test/packaging/pasted-commands.ts', process.argv.slice(2));
