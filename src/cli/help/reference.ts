/** docs/cli.md: every command with its words and flags. */
import { allNodes, type CommandNode, type FlagNode } from '../completion/command-tree.ts';

const HEAD = `# The command

Every command of \`manis\`, written by \`npm run docs\` from the commands themselves; a test keeps it true.
Where a thing is named, its id and its name are the same to it. Every flag is also a variable (\`MANIS_PORT_BASE\`) and a key of a YAML file (\`--config FILE\`).
`;

export function cliReference(root: CommandNode): string {
  const leaves = [...allNodes(root)].filter(({ runs }) => runs);
  const common = commonFlags(leaves);
  const sections = root.children.map((top) => {
    const own = [...allNodes(top)].filter(({ runs }) => runs);
    return [
      `## manis ${top.path.join(' ')}`,
      '',
      `${top.description}.`,
      '',
      ...own.flatMap((node) => commandLines(node, common)),
    ].join('\n');
  });
  const shared = ['## Flags of every command that asks control', '', ...table([...common.values()])].join('\n');
  return `${[HEAD, shared, ...sections]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** What most commands take is told once. */
function commonFlags(leaves: readonly CommandNode[]): ReadonlyMap<string, FlagNode> {
  const names = ['--url', '--profile', '--token', '--organisation', '--ca', '--data-dir', '--json', '--config'];
  const typical = leaves.find(({ path }) => path.join(' ') === 'site list');
  return new Map((typical?.flags ?? []).filter(({ name }) => names.includes(name)).map((flag) => [flag.name, flag]));
}

function commandLines(node: CommandNode, common: ReadonlyMap<string, FlagNode>): string[] {
  const own = node.flags.filter((flag) => common.get(flag.name)?.description !== flag.description);
  const words = node.words.map((word) => ` ${word.toUpperCase()}`).join('');
  return [
    `### \`manis ${node.path.join(' ')}${words}\``,
    '',
    `${node.description}.`,
    '',
    ...(own.length > 0 ? table(own) : []),
  ];
}

function table(flags: readonly FlagNode[]): string[] {
  const rows = flags.map(
    ({ name, hint, description }) =>
      `| \`${name}${hint === undefined ? '' : ` ${hint.replaceAll('|', '\\|')}`}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return ['| flag | meaning |', '|---|---|', ...rows, ''];
}
