/** The commands as data: for completion, for the reference, and for who asks what there is. */
import type { ArgsDef, CommandDef } from 'citty';

export interface CommandNode {
  /** `['site', 'add']`; empty: the command itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly children: readonly CommandNode[];
  readonly words: readonly string[];
  readonly flags: readonly FlagNode[];
  /** Whether it does something by itself. */
  readonly runs: boolean;
}

export interface FlagNode {
  /** `--json` */
  readonly name: string;
  readonly description: string;
  /** What its value is, or undefined where it takes none: `NAME`, `true|false`. */
  readonly hint: string | undefined;
}

export function commandTree(command: CommandDef, path: readonly string[] = []): CommandNode {
  const children = Object.entries((command.subCommands ?? {}) as Record<string, CommandDef>)
    .filter(([, child]) => (child.meta as { hidden?: boolean } | undefined)?.hidden !== true)
    .map(([name, child]) => commandTree(child, [...path, name]));
  const args = Object.entries((command.args ?? {}) as ArgsDef);
  const flags = args.flatMap(([name, arg]) => (arg.type === 'positional' ? [] : [flagOf(name, arg)]));
  return {
    path,
    description: (command.meta as { description?: string } | undefined)?.description ?? '',
    children,
    words: args.flatMap(([name, arg]) => (arg.type === 'positional' ? [name] : [])),
    flags,
    runs: command.run !== undefined,
  };
}

/** The node itself and all below it, in order. */
export function* allNodes(node: CommandNode): Generator<CommandNode> {
  yield node;
  for (const child of node.children) yield* allNodes(child);
}

function flagOf(name: string, arg: ArgsDef[string]): FlagNode {
  const { description = '' } = arg;
  const hint = arg.type === 'string' ? ((arg as { valueHint?: string }).valueHint ?? 'VALUE') : undefined;
  return { name: `--${name}`, description, hint };
}

/** Of `none|cookie`; `FILE` and its like are no choice. */
export function choicesOf({ hint = '' }: FlagNode): string[] {
  return /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(hint) ? hint.split('|') : [];
}
