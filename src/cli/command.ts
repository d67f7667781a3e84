/**
 * Commands: a tree whose leaves take flags and positional words. Unknown flags and missing values are UsageFailures;
 * citty writes the usage texts and finds the leaf, node's strict parser reads the flags.
 */
import { parseArgs } from 'node:util';
import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { type FlagValues, flagName, readSettings, readSettingsFile } from './config/read-settings.ts';
import { wordsOf } from './config/setting.ts';
import { UsageFailure } from './config/usage-failure.ts';
import type { Settings, SettingsOf } from './config/value.ts';
import type { Environment } from './environment.ts';
import { closestOf } from './terminal/closest.ts';

export interface LeafOptions<Schema extends Settings> {
  readonly name: string;
  readonly description: string;
  readonly settings: Schema;
  /** Names of positional words, all required. */
  readonly positionals?: readonly string[];
  /** Name of the words behind them, of which there may be any number. */
  readonly rest?: string;
  readonly hidden?: boolean;
  run(settings: SettingsOf<Schema['shape']>, positionals: readonly string[]): Promise<void>;
}

/** A command that does something. `--config FILE` is understood by each. */
export function leaf<Schema extends Settings>(environment: Environment, options: LeafOptions<Schema>): CommandDef {
  const { name, description, settings, positionals = [], rest } = options;
  return defineCommand({
    meta: { name, description, ...(options.hidden && { hidden: true }) },
    // Asked of one command of hundreds, or of none.
    get args() {
      return usageArgs(settings, rest === undefined ? positionals : [...positionals, `${rest}...`]);
    },
    run: async ({ rawArgs }) => {
      const { flags, words } = parseStrictly(rawArgs, settings, positionals, rest !== undefined);
      const { config, ...own } = flags;
      const path = typeof config === 'string' ? config : environment.variables.get('MANIS_CONFIG');
      const file = path === undefined ? undefined : await readSettingsFile(path);
      await options.run(readSettings(settings, { flags: own, variables: environment.variables, file }), words);
    },
  });
}

/** A command that only groups others. */
export function group(name: string, description: string, leaves: Readonly<Record<string, CommandDef>>): CommandDef {
  return defineCommand({ meta: { name, description }, subCommands: leaves });
}

function usageArgs(settings: Settings, positionals: readonly string[]): ArgsDef {
  const args: ArgsDef = {};
  // In capitals, as usages show them: a flag may have the same name.
  for (const word of positionals) args[word.toUpperCase()] = { type: 'positional', description: '', required: false };
  for (const [key, schema] of Object.entries(settings.shape)) {
    const { kind, description, hint } = wordsOf(schema);
    args[flagName(key)] =
      kind === 'switch'
        ? { type: 'boolean', description }
        : { type: 'string', description, valueHint: hint ?? 'VALUE' };
  }
  args['config'] = { type: 'string', description: 'YAML file with these settings', valueHint: 'FILE' };
  return args;
}

function parseStrictly(
  rawArgs: readonly string[],
  settings: Settings,
  positionals: readonly string[],
  mayHaveMore: boolean,
) {
  const options = Object.fromEntries(
    Object.entries(settings.shape).map(([key, schema]) => {
      const { kind } = wordsOf(schema);
      return [flagName(key), { type: kind === 'switch' ? 'boolean' : 'string', multiple: kind === 'list' } as const];
    }),
  );
  const config = { type: 'string', multiple: false } as const;
  try {
    const parsed = parseArgs({ args: [...rawArgs], options: { ...options, config }, allowPositionals: true });
    requireWords(parsed.positionals, positionals, mayHaveMore);
    return { flags: parsed.values as FlagValues, words: parsed.positionals };
  } catch (error) {
    if (!isParseError(error)) throw error;
    const unknown = /^Unknown option '(-[^']*)'/.exec(error.message)?.[1];
    throw unknown === undefined
      ? new UsageFailure('flag-unknown', oneSentence(error.message), error)
      : unknownFlag(
          unknown,
          Object.keys({ ...options, config }).map((name) => `--${name}`),
        );
  }
}

function requireWords(given: readonly string[], wanted: readonly string[], mayHaveMore: boolean): void {
  const missing = wanted[given.length];
  if (missing !== undefined) throw new UsageFailure('flag-unknown', `${missing.toUpperCase()} is missing`);
  const extra = given[wanted.length];
  if (extra !== undefined && !mayHaveMore) throw new UsageFailure('flag-unknown', `"${extra}" is one word too many`);
}

export function unknownFlag(flag: string, known: readonly string[]): UsageFailure {
  const meant = closestOf(flag, known);
  const others = /^-[^-]/.test(flag)
    ? 'a word that begins with a minus goes behind --'
    : '--help lists those there are';
  const hint = meant === undefined ? others : `did you mean ${meant}?`;
  return new UsageFailure('flag-unknown', `there is no flag ${flag}; ${hint}`);
}

function isParseError(error: unknown): error is Error {
  return String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

/** The parser's first sentence, without what follows: how to escape a value. */
function oneSentence(message: string): string {
  const lacking = /^Option '(--[a-z-]+)[^']*' argument (missing|is ambiguous)/.exec(message)?.[1];
  if (lacking !== undefined) return `${lacking} needs a value`;
  const valued = /^Option '(?:-\w, )?(--[a-z-]+)' does not take an argument/.exec(message)?.[1];
  if (valued !== undefined) return `${valued} takes no value`;
  return (message.split(/\.\s/)[0] ?? message).replaceAll('\n', ' ');
}
