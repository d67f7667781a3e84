/** Whether a line of the documents is a command that there is: by the tree of commands that the program itself uses. */
import type { ArgsDef, CommandDef } from 'citty';
import { createCommands } from '../../src/cli/commands.ts';
import { readEnvironment } from '../../src/cli/environment.ts';
import type { Command } from './pages.ts';

const ROOT = createCommands(readEnvironment({}));
/** Stands for what the reader puts there. */
const PLACEHOLDER = /^(\.\.\.|…)/;

/** What is wrong with it, or undefined. Of alternatives (`pangolin|nginx`) each is looked at. */
export function faultOf({ words, isNamed, ...rest }: Command): string | undefined {
  const choice = words.findIndex((word) => word.includes('|'));
  if (choice < 0) return faultOfOne(words, isNamed);
  const faults = (words[choice] ?? '').split('|').map((alternative) => {
    const one = [...words.slice(0, choice), alternative, ...words.slice(choice + 1)];
    return faultOf({ ...rest, isNamed, words: one });
  });
  return faults.find((fault) => fault !== undefined);
}

function faultOfOne(words: readonly string[], isNamed: boolean): string | undefined {
  const { command, rest } = follow(words);
  const isGroup = command.run === undefined;
  if (isGroup) {
    const [next] = rest;
    if (next === undefined || next.startsWith('--') || PLACEHOLDER.test(next))
      return isNamed || next !== undefined ? undefined : 'one more word is needed';
    return `there is no command ${next}`;
  }
  return faultOfArguments(command.args as ArgsDef, rest, isNamed);
}

function follow(words: readonly string[]): { command: CommandDef; rest: string[] } {
  let command: CommandDef = ROOT;
  for (const [index, word] of words.entries()) {
    const children = command.subCommands as Record<string, CommandDef> | undefined;
    const child = children && Object.hasOwn(children, word) ? children[word] : undefined;
    if (!child) return { command, rest: words.slice(index) };
    command = child;
  }
  return { command, rest: [] };
}

function faultOfArguments(args: ArgsDef, rest: readonly string[], isNamed: boolean): string | undefined {
  const positionals = Object.keys(args).filter((name) => args[name]?.type === 'positional');
  const wanted = positionals.length;
  const most = positionals.at(-1)?.endsWith('...') ? Number.POSITIVE_INFINITY : wanted;
  let given = 0;
  let isOpen = isNamed;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const [flag = '', value] = word.split('=', 2);
    if (PLACEHOLDER.test(word)) isOpen = true;
    else if (!word.startsWith('--')) given++;
    else if (flag === '--help' || flag === '--version') isOpen = true;
    else {
      const definition = args[flag.slice(2)];
      if (!definition || definition.type === 'positional') return `there is no flag ${flag}`;
      if (definition.type !== 'boolean' && value === undefined) i++;
    }
  }
  if (given > most) return `${given} words where it takes ${wanted}`;
  return given < wanted && !isOpen ? `${given} words where it takes ${wanted}` : undefined;
}
