/** `manis help`: everything there is, in the order in which people need it. */
import type { CommandNode } from '../completion/command-tree.ts';
import { formatPairs, wrapText } from '../terminal/wrap.ts';
import type { Look } from './usage.ts';

const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Begin', ['try', 'login', 'up', 'status', 'whoami', 'profile', 'logout', 'doctor']],
  ['Publish', ['resource', 'target', 'site', 'connector', 'device', 'domain', 'certificate', 'policy', 'list']],
  [
    'Let people in',
    ['user', 'member', 'group', 'role', 'invite', 'provider', 'mfa', 'known-device', 'session', 'access'],
  ],
  ['Without an account', ['share', 'credential', 'client-authority', 'guest']],
  ['Automate', ['apply', 'export', 'blueprint', 'import', 'key', 'token', 'webhook', 'alert']],
  ['See', ['requests', 'audit', 'me']],
  [
    'Run the network',
    ['pop', 'control', 'store', 'drill', 'organisation', 'mail', 'acme', 'dns-provider', 'own-certificate'],
  ],
];

export function frontPage(root: CommandNode, { style, columns }: Look): string {
  const byName = new Map(root.children.map((node) => [node.path[0] ?? '', node]));
  const width = Math.max(...[...byName.keys()].map((name) => name.length));
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  const rest = [...byName.keys()].filter((name) => !known.has(name));
  const sections = [...GROUPS, ['More', rest] as const].flatMap(([title, names]) => {
    const pairs = names.flatMap((name) => {
      const node = byName.get(name);
      return node ? [[name.padEnd(width), node.description] as const] : [];
    });
    return pairs.length === 0 ? [] : [style.strong(title), ...formatPairs(pairs, columns, style.link, '  '), ''];
  });
  const more = 'manis COMMAND --help tells more, and --json prints JSON.';
  return [
    `${style.strong('manis')}  ${root.description}`,
    '',
    ...sections,
    ...wrapText(more, columns ?? Number.POSITIVE_INFINITY).map(style.dim),
  ].join('\n');
}
