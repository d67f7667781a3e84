/** `manis help`: everything there is, in the order in which people need it. */
import type { CommandNode } from '../completion/command-tree.ts';
import type { Style } from '../terminal/style.ts';

const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Begin', ['try', 'login', 'up', 'status', 'whoami', 'doctor']],
  ['Publish', ['resource', 'target', 'site', 'connector', 'device', 'domain', 'certificate', 'policy', 'list']],
  ['Let people in', ['user', 'member', 'group', 'role', 'invite', 'provider', 'mfa', 'session', 'access']],
  ['Without an account', ['share', 'credential', 'client-authority', 'guest']],
  ['Automate', ['apply', 'export', 'import', 'key', 'token', 'webhook', 'alert']],
  ['See', ['audit', 'requests', 'request']],
  ['Run the network', ['pop', 'control', 'store', 'organisation', 'mail', 'acme', 'dns-provider', 'own-certificate']],
];

export function frontPage(root: CommandNode, style: Style): string {
  const byName = new Map(root.children.map((node) => [node.path[0] ?? '', node]));
  const width = Math.max(...[...byName.keys()].map((name) => name.length));
  const line = (name: string): string =>
    `  ${style.link(name.padEnd(width))}  ${style.dim(byName.get(name)?.description ?? '')}`;
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  const rest = [...byName.keys()].filter((name) => !known.has(name));
  const sections = [...GROUPS, ['More', rest] as const].flatMap(([title, names]) => {
    const there = names.filter((name) => byName.has(name));
    return there.length === 0 ? [] : [style.strong(title), ...there.map(line), ''];
  });
  return [
    `${style.strong('manis')}  ${root.description}`,
    '',
    ...sections,
    style.dim('manis COMMAND --help tells more; --json prints JSON; manis completion bash|zsh|fish helps to type.'),
  ].join('\n');
}
