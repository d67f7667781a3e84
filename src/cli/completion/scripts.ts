/** Completion for shells, written from the tree of commands: nothing is started while somebody types. */
import { assertNever } from '../../base/index.ts';
import { allNodes, type CommandNode, choicesOf } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, root: CommandNode): string {
  switch (shell) {
    case 'bash':
      return bashScript(root);
    case 'zsh':
      return zshScript(root);
    case 'fish':
      return fishScript(root);
    default:
      return assertNever(shell);
  }
}

/** One case a command: what may follow it. The words until now are joined by blanks. */
function cases(root: CommandNode): string[] {
  return [...allNodes(root)].map((node) => {
    const words = [...node.children.map(({ path }) => path.at(-1) ?? ''), ...node.flags.map(({ name }) => name)];
    return `    ${quoted(node.path.join(' '))}) words=${quoted(words.join(' '))} ;;`;
  });
}

/** One case a flag that has choices. */
function choices(root: CommandNode): string[] {
  return [...allNodes(root)].flatMap((node) =>
    node.flags.flatMap((flag) => {
      const among = choicesOf(flag);
      if (among.length === 0) return [];
      return [`    ${quoted(`${node.path.join(' ')} ${flag.name}`.trim())}) choices=${quoted(among.join(' '))} ;;`];
    }),
  );
}

function paths(root: CommandNode): string {
  return [...allNodes(root)]
    .map(({ path }) => path.join(' '))
    .filter(Boolean)
    .join('|');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bashScript(root: CommandNode): string {
  return `# Completion of manis for bash: eval "$(manis completion bash)"
_manis() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at='' each words='' choices=''
  local known=${quoted(`|${paths(root)}|`)}
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    local next="\${at:+$at }$each"
    [[ "$known" == *"|$next|"* ]] || break
    at="$next"
  done
  case "\${at:+$at }$before" in
${choices(root).join('\n')}
  esac
  if [[ -n "$choices" ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    return
  fi
  case "$at" in
${cases(root).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _manis manis`;
}

function zshScript(root: CommandNode): string {
  return `#compdef manis
# Completion of manis for zsh: source <(manis completion zsh)
_manis() {
  local at='' each next words_='' choices='' before="\${words[CURRENT-1]}"
  local known=${quoted(`|${paths(root)}|`)}
  for each in "\${(@)words[2,CURRENT-1]}"; do
    next="\${at:+$at }$each"
    [[ "$known" == *"|$next|"* ]] || break
    at="$next"
  done
  local words_now=''
  case "\${at:+$at }$before" in
${choices(root).join('\n')}
  esac
  if [[ -n "$choices" ]]; then
    compadd -- \${=choices}
    return
  fi
  case "$at" in
${cases(root).join('\n').replaceAll(') words=', ') words_=')}
  esac
  compadd -- \${=words_}
  _files
}
(( $+functions[compdef] )) && compdef _manis manis`;
}

function fishScript(root: CommandNode): string {
  const lines = [...allNodes(root)].flatMap((node) => {
    const here = `-n ${quoted(`__manis_at ${quoted(node.path.join(' '))}`)}`;
    const commands = node.children.map(
      ({ path, description }) => `complete -c manis ${here} -f -a ${path.at(-1)} -d ${quoted(description)}`,
    );
    const flags = node.flags.map((flag) => {
      const among = choicesOf(flag);
      const value = flag.hint === undefined ? '' : among.length > 0 ? ` -x -a ${quoted(among.join(' '))}` : ' -r';
      return `complete -c manis ${here} -l ${flag.name.slice(2)}${value} -d ${quoted(flag.description)}`;
    });
    return [...commands, ...flags];
  });
  return `# Completion of manis for fish: manis completion fish | source
function __manis_at
  set -l known ${quoted(`|${paths(root)}|`)}
  set -l at ''
  for each in (commandline -opc)[2..-1]
    set -l next (string trim -- "$at $each")
    string match -q -- "*|$next|*" "$known"; or break
    set at $next
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}`;
}
