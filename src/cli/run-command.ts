/** One command line: finds the command, runs it, and tells a person what went wrong in one line. */
import type { ArgsDef, CommandDef } from 'citty';
import { Failure, printableLines } from '../base/index.ts';
import { reportFailed } from '../io/parent-process.ts';
import { unknownFlag } from './command.ts';
import { UsageFailure } from './config/usage-failure.ts';
import type { Environment } from './environment.ts';
import { nextStepFor } from './help/next-step.ts';
import { verbMeant } from './help/verbs.ts';
import { programOf } from './program-commands.ts';
import { closestOf } from './terminal/closest.ts';
import { say, sayAside } from './terminal/output.ts';
import { styleFor } from './terminal/style.ts';
import { VERSION } from './version.ts';

/** Exit codes: 0 done, 1 it failed, 2 it was asked for in a way that cannot be. */
export async function runCommandLine(given: readonly string[], environment: Environment): Promise<number> {
  // `manis help site` is `manis site --help`.
  const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  if (args.length === 1 && args[0] === '--version') {
    say(VERSION);
    return 0;
  }
  try {
    if (asksForHelp(args)) await tellHelp(args, environment);
    else await run(args, environment);
    return 0;
  } catch (error) {
    return tell(error, environment);
  }
}

function asksForHelp(args: readonly string[]): boolean {
  return args.length === 0 || args.includes('--help') || args.includes('-h');
}

async function run(args: readonly string[], environment: Environment): Promise<void> {
  const root = programOf(environment, args) ?? (await import('./commands.ts')).createCommands(environment);
  if (args[0]?.startsWith('-')) throw unknownFlag(args[0], []);
  const { path, words, rest } = follow(root, args);
  const { subCommands, ...command } = path.at(-1) ?? root;
  if (!command.run || isNoWordOf(command, subCommands, rest[0]))
    throw unknownCommand(words, rest, Object.keys(subCommands ?? {}));
  // What was typed is read by the leaf itself.
  try {
    await command.run({ rawArgs: [...rest], args: {} as never, cmd: command });
  } catch (error) {
    throw withUsage(error, words, command);
  }
}

/** Whoever left a word out is shown which go where. */
function withUsage(error: unknown, words: readonly string[], { args = {} }: CommandDef): unknown {
  if (!(error instanceof UsageFailure) || !/^[A-Z-]+ is missing$/.test(error.message)) return error;
  const wanted = Object.entries(args as ArgsDef).flatMap(([name, { type }]) => (type === 'positional' ? [name] : []));
  return new UsageFailure(error.code, `${error.message}: manis ${[...words, ...wanted].join(' ')}`, error);
}

/** A program such as `manis pop` takes no words: one that follows was to be one of the commands beside it. */
function isNoWordOf({ args = {} }: CommandDef, beside: unknown, word: string | undefined): boolean {
  const takesWords = Object.values(args as ArgsDef).some(({ type }) => type === 'positional');
  return beside !== undefined && word !== undefined && !word.startsWith('-') && !takesWords;
}

async function tell(error: unknown, environment: Environment): Promise<number> {
  if (!(error instanceof Failure)) {
    sayAside(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await reportFailed(new Failure('internal', String(error)));
    return 1;
  }
  const style = styleFor(process.stderr, environment);
  // What control answers has names in it that others chose.
  sayAside(`${style.bad('manis:')} ${printableLines(error.message)}\n`);
  const step = nextStepFor(error);
  if (step !== undefined) sayAside(`${style.dim(`  ${step}`)}\n`);
  await reportFailed(error);
  return error instanceof UsageFailure ? 2 : 1;
}

function unknownCommand(known: readonly string[], rest: readonly string[], there: readonly string[]): UsageFailure {
  const [word, ...others] = rest;
  const see = `see manis ${[...known, '--help'].join(' ')}`;
  if (word === undefined || word.startsWith('-'))
    return new UsageFailure('command-unknown', `manis ${known.join(' ')} needs one more word: ${there.join(', ')}`);
  const meant = closestOf(word, there);
  const flag = others.findIndex((other) => other.startsWith('-'));
  const more = flag < 0 ? others : others.slice(0, flag);
  const hint = meant === undefined ? see : `did you mean "manis ${[...known, meant, ...more].join(' ')}"?`;
  return new UsageFailure('command-unknown', `there is no command ${[...known, word].join(' ')}; ${hint}`);
}

interface Followed {
  /** The commands that the first words lead through. */
  readonly path: readonly CommandDef[];
  /** What those are called. */
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

function follow(root: CommandDef, args: readonly string[]): Followed {
  const [path, words] = [[root], [] as string[]];
  for (const [index, word] of args.entries()) {
    const children = (path.at(-1)?.subCommands ?? {}) as Readonly<Record<string, CommandDef>>;
    const name = Object.hasOwn(children, word) ? word : verbMeant(word, Object.keys(children));
    const child = name === undefined ? undefined : children[name];
    if (!child || name === undefined) return { path, words, rest: args.slice(index) };
    path.push(child);
    words.push(name);
  }
  return { path, words, rest: [] };
}

/** The front page, or the usage of a command. */
async function tellHelp(args: readonly string[], environment: Environment): Promise<void> {
  const [{ createCommands }, { commandTree }] = [
    await import('./commands.ts'),
    await import('./completion/command-tree.ts'),
  ];
  const root = createCommands(environment);
  const { path, words, rest } = follow(root, args);
  const command = path.at(-1) ?? root;
  const { subCommands, run: runs } = command;
  const [wrong] = rest;
  if (!runs && wrong !== undefined && !wrong.startsWith('-'))
    throw unknownCommand(words, rest, Object.keys(subCommands ?? {}));
  const columns = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  const look = { style: styleFor(process.stdout, environment), ...(columns !== undefined && { columns }) };
  const node = commandTree(command, words);
  const usage =
    words.length === 0
      ? (await import('./help/front-page.ts')).frontPage(node, look)
      : (await import('./help/usage.ts')).usageText(node, look);
  say(usage);
}
