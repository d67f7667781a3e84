/** The command `manis`: finds the command, runs it, and tells a person what went wrong in one line. */
import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty';
import { Failure, printableLines } from '../base/index.ts';
import { reportFailed } from '../io/parent-process.ts';
import { unknownFlag } from './command.ts';
import { UsageFailure } from './config/usage-failure.ts';
import { readEnvironment } from './environment.ts';
import { nextStepFor } from './help/next-step.ts';
import { titleWithoutSecrets } from './process-title.ts';
import { programOf } from './program-commands.ts';
import { sayAside } from './terminal/output.ts';
import { createStyle } from './terminal/style.ts';
import { VERSION } from './version.ts';

const environment = readEnvironment();
const style = createStyle(process.stderr.isTTY === true && !environment.noColor);

const title = titleWithoutSecrets(process.argv.slice(2));
if (title !== undefined) process.title = title;
process.exitCode = await main(process.argv.slice(2));

/** Exit codes: 0 done, 1 it failed, 2 it was asked for in a way that cannot be. */
async function main(given: string[]): Promise<number> {
  // `manis help site` is `manis site --help`.
  const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const asksForHelp = args.length === 0 || args.includes('--help') || args.includes('-h');
  try {
    const program = asksForHelp ? undefined : programOf(environment, args);
    const root = program ?? (await import('./commands.ts')).createCommands(environment);
    if (asksForHelp) {
      const hasColour = process.stdout.isTTY === true && !environment.noColor;
      const usage = await helpOf(root, args, hasColour);
      process.stdout.write(`${hasColour ? usage : stripVTControlCharacters(usage)}\n`);
      return 0;
    }
    if (args[0]?.startsWith('-')) throw unknownFlag(args[0]);
    const { path, rest } = follow(root, args);
    const { subCommands: _others, ...command } = path.at(-1) ?? root;
    if (!command.run) throw unknownCommand(args, rest[0]);
    await runCommand(command, { rawArgs: rest });
    return 0;
  } catch (error) {
    return tell(error);
  }
}

async function tell(error: unknown): Promise<number> {
  const failure = asFailure(error);
  if (failure === undefined) {
    sayAside(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await reportFailed(new Failure('internal', String(error)));
    return 1;
  }
  // What control answers has names in it that others chose.
  sayAside(`${style.bad('manis:')} ${printableLines(failure.message)}\n`);
  const step = nextStepFor(failure.code);
  if (step !== undefined) sayAside(`${style.dim(`  ${step}`)}\n`);
  await reportFailed(failure);
  return failure instanceof UsageFailure ? 2 : 1;
}

function asFailure(error: unknown): Failure | undefined {
  return error instanceof Failure ? error : undefined;
}

function unknownCommand(args: readonly string[], word: string | undefined): UsageFailure {
  const known = args.slice(0, word === undefined ? args.length : args.indexOf(word)).join(' ');
  const what =
    word === undefined ? `${known} needs one more word` : `there is no command ${[known, word].join(' ').trim()}`;
  return new UsageFailure('command-unknown', `${what}; see manis ${[known, '--help'].join(' ').trim()}`);
}

/** The commands that the first words lead through, and the words behind them. */
function follow(root: CommandDef, args: readonly string[]): { path: CommandDef[]; rest: string[] } {
  const path = [root];
  for (const [index, word] of args.entries()) {
    const children = path.at(-1)?.subCommands as Record<string, CommandDef> | undefined;
    const child = children && Object.hasOwn(children, word) ? children[word] : undefined;
    if (!child) return { path, rest: args.slice(index) };
    path.push(child);
  }
  return { path, rest: [] };
}

/** The front page, or the usage of a command. */
async function helpOf(root: CommandDef, args: readonly string[], hasColour: boolean): Promise<string> {
  if (follow(root, args).path.length > 1) return usageOf(root, args);
  const { commandTree } = await import('./completion/command-tree.ts');
  return (await import('./help/front-page.ts')).frontPage(commandTree(root), createStyle(hasColour));
}

function usageOf(root: CommandDef, args: readonly string[]): Promise<string> {
  const { path } = follow(root, args);
  const { args: flags, ...command } = path.at(-1) ?? root;
  const words = ['manis', ...args].slice(0, path.length - 1);
  const parent = { meta: { name: words.join(' ') } };
  return renderUsage({ ...command, args: withWordsRequired(flags as ArgsDef | undefined) }, parent);
}

/** Words are never optional; citty is told so for the usage alone, because `leaf` complains of missing ones better. */
function withWordsRequired(flags: ArgsDef = {}): ArgsDef {
  const entries = Object.entries(flags);
  return Object.fromEntries(
    entries.map(([name, flag]) => [name, flag.type === 'positional' ? { ...flag, required: true } : flag]),
  );
}
