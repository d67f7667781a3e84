/** The command `manis`. */
import { readEnvironment } from './environment.ts';
import { titleWithoutSecrets } from './process-title.ts';
import { programOf } from './program-commands.ts';
import { runCommandLine } from './run-command.ts';

const [args, environment] = [process.argv.slice(2), readEnvironment()];

const title = titleWithoutSecrets(args);
if (title !== undefined) process.title = title;
// `manis audit export | head`: who reads has seen enough, which is no mistake. Programs that run on are told otherwise.
if (programOf(environment, args) === undefined)
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
process.exitCode = await runCommandLine(args, environment);
