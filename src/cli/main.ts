/** The command `manis`: finds the command, runs it, and tells a person what went wrong in one line. */
import { stripVTControlCharacters } from 'node:util';
import { type CommandDef, renderUsage, runCommand } from 'citty';
import { Failure } from '../base/index.ts';
import { reportFailed } from '../io/parent-process.ts';
import { createCommands } from './commands.ts';
import { UsageFailure } from './config/usage-failure.ts';
import { readEnvironment } from './environment.ts';
import { createStyle } from './terminal/style.ts';

const environment = readEnvironment();
const style = createStyle(process.stderr.isTTY === true && !environment.noColor);

process.exitCode = await main(process.argv.slice(2));

/** Exit codes: 0 done, 1 it failed, 2 it was asked for in a way that cannot be. */
async function main(args: string[]): Promise<number> {
  const root = createCommands(environment);
  try {
    if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
      const usage = await usageOf(root, args);
      const hasColour = process.stdout.isTTY === true && !environment.noColor;
      process.stdout.write(`${hasColour ? usage : stripVTControlCharacters(usage)}\n`);
      return 0;
    }
    if (args[0]?.startsWith('-')) throw new UsageFailure('flag-unknown', `Unknown option '${args[0]}'`);
    await runCommand(root, { rawArgs: args });
    return 0;
  } catch (error) {
    return tell(error);
  }
}

async function tell(error: unknown): Promise<number> {
  const failure = asFailure(error);
  if (failure === undefined) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    await reportFailed(new Failure('internal', String(error)));
    return 1;
  }
  process.stderr.write(`${style.bad('manis:')} ${failure.message}\n`);
  await reportFailed(failure);
  return failure instanceof UsageFailure ? 2 : 1;
}

function asFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  // citty's own complaint about the tree of commands.
  const isAboutUsage = error instanceof Error && error.name === 'CLIError';
  return isAboutUsage
    ? new UsageFailure('command-unknown', `${stripVTControlCharacters(error.message)}; see manis --help`)
    : undefined;
}

/** The usage of the command that the words before the first flag lead to. */
async function usageOf(root: CommandDef, args: readonly string[]): Promise<string> {
  let command = root;
  let parent: CommandDef | undefined;
  for (const word of args) {
    const children = command.subCommands as Record<string, CommandDef> | undefined;
    const child = children?.[word];
    if (!child) break;
    parent = command;
    command = child;
  }
  return renderUsage(command, parent);
}
