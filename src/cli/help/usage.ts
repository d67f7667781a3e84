/** `manis COMMAND --help`: what a command does, its words, the commands below it, and its own flags before those that all have. */
import { type CommandNode, choicesOf, type FlagNode } from '../completion/command-tree.ts';
import type { Style } from '../terminal/style.ts';
import { formatPairs, wrapText } from '../terminal/wrap.ts';

export interface Look {
  readonly style: Style;
  /** Of the terminal; left out: lines are as long as they have to be. */
  readonly columns?: number;
}

/** Which control a command asks, and as whom: the same everywhere. */
const CONNECTION_FLAGS: ReadonlySet<string> = new Set([
  ...['--url', '--profile', '--token', '--organisation', '--ca', '--data-dir', '--json', '--config'],
]);

export function usageText(node: CommandNode, look: Look): string {
  const { style, columns } = look;
  const name = ['manis', ...node.path].join(' ');
  const own = node.flags.filter(({ name: flag }) => !CONNECTION_FLAGS.has(flag));
  const common = node.flags.filter(({ name: flag }) => CONNECTION_FLAGS.has(flag));
  const isOfControl = common.some(({ name: flag }) => flag === '--organisation');
  return [
    ...wrapText(`${node.description}.`, columns ?? Number.POSITIVE_INFINITY),
    '',
    ...usageLines(node, name, style),
    ...section('Commands', inOrder(node.children).map(pairOfCommand), look),
    ...section('Flags', (isOfControl ? own : node.flags).map(pairOfFlag), look),
    ...(isOfControl ? section('Flags of every such command', common.map(pairOfFlag), look) : []),
    ...(node.children.length > 0 ? ['', style.dim(`${name} COMMAND --help tells more.`)] : []),
  ].join('\n');
}

function usageLines({ runs, words, flags, children }: CommandNode, name: string, style: Style): string[] {
  const called = [name, ...words, ...(flags.length > 0 ? ['[FLAGS]'] : [])].join(' ');
  return [
    ...(runs ? [`  ${style.link(called)}`] : []),
    ...(children.length > 0 ? [`  ${style.link(`${name} COMMAND`)}`] : []),
  ];
}

function section(title: string, pairs: readonly (readonly [string, string])[], { style, columns }: Look): string[] {
  return pairs.length === 0 ? [] : ['', style.strong(title), ...formatPairs(pairs, columns, style.link, '  ')];
}

/** What every noun has, in the order in which people need it; then what it has besides. */
const USUAL = ['list', 'show', 'add', 'update', 'remove'];

function inOrder(nodes: readonly CommandNode[]): readonly CommandNode[] {
  const rank = ({ path }: CommandNode): number => USUAL.indexOf(path.at(-1) ?? '');
  const usual = nodes.filter((node) => rank(node) >= 0).toSorted((a, b) => rank(a) - rank(b));
  return [...usual, ...nodes.filter((node) => rank(node) < 0)];
}

function pairOfCommand({ path, words, description }: CommandNode): readonly [string, string] {
  return [[path.at(-1) ?? '', ...words].join(' '), description];
}

/** Choices go behind what they are about: the first column would be wide of them. */
function pairOfFlag(flag: FlagNode): readonly [string, string] {
  const { name, hint, description } = flag;
  const among = choicesOf(flag);
  if (among.length > 0) return [name, `${description}: ${among.join(', ')}`];
  return [hint === undefined ? name : `${name} ${hint}`, description];
}
