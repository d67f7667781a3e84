/** What shells complete, asked of the shells themselves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createCommands } from '../commands.ts';
import { allNodes, commandTree } from './command-tree.ts';
import { completionScript, type Shell } from './scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-completion-'));
after(() => rmSync(folder, { recursive: true }));
const root = commandTree(createCommands({ variables: new Map(), noColor: true, ofOthers: {} }));

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

function scriptOf(shell: Shell): string {
  const path = join(folder, shell);
  writeFileSync(path, completionScript(shell, root));
  return path;
}

/** What is offered after these words, the last one as far as it is typed. */
function offered(shell: Shell, words: readonly string[]): string[] {
  const path = scriptOf(shell);
  const asked: Readonly<Record<Shell, string>> = {
    bash: `source ${path}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _manis; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: `source ${path}; compadd() { shift; print -l -- "$@" }; _files() { : }; words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _manis`,
    fish: `source ${path}; complete -C '${words.join(' ')}'`,
  };
  const { stdout, stderr, status } = spawnSync(shell, ['-c', asked[shell]], { encoding: 'utf8' });
  assert.equal(status === 0 || shell === 'fish', true, stderr);
  assert.equal(stderr, '');
  return stdout
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter(Boolean);
}

for (const shell of ['bash', 'zsh', 'fish'] as const)
  describe(shell, { skip: has(shell) ? false : `${shell} is not there` }, () => {
    test('offers commands, those below them, their flags, and the choices of a flag', () => {
      const table: [words: string[], some: string[], none: string[]][] = [
        [['manis', ''], ['try', 'login', 'site', 'resource'], ['add']],
        [['manis', 'site', ''], ['list', 'add', 'remove'], ['try']],
        [['manis', 'resource', 'add', 'wiki', '--'], ['--host', '--target', '--json'], ['list']],
        [['manis', 'resource', 'add', 'wiki', '--balancing', ''], ['least-latency', 'round-robin'], ['--host']],
        [['manis', 'resource', 'http', ''], ['show', 'apply'], ['try']],
      ];
      for (const [words, some, none] of table) {
        const got = offered(shell, words);
        for (const word of some) assert.ok(got.includes(word), `${words.join(' ')}: ${word} of ${got.join(' ')}`);
        for (const word of none) assert.ok(!got.includes(word), `${words.join(' ')}: not ${word}`);
      }
    });
  });

test('bash completes after every command what may follow it', {
  skip: has('bash') ? false : 'bash is not there',
}, () => {
  const nodes = [...allNodes(root)];
  const asked = nodes.map(({ path }) => {
    const words = ['manis', ...path, ''];
    const quoted = words.map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _manis; echo "\${COMPREPLY[*]}"`;
  });
  const script = [`source ${scriptOf('bash')}`, ...asked].join('\n');
  const { stdout, stderr } = spawnSync('bash', ['-s'], { encoding: 'utf8', input: script });
  assert.equal(stderr, '');
  const lines = stdout.split('\n');
  for (const [i, { path, children, flags }] of nodes.entries())
    assert.deepEqual(
      (lines[i] ?? '').split(' ').filter(Boolean),
      [...children.map((child) => child.path.at(-1)), ...flags.map(({ name }) => name)],
      path.join(' '),
    );
});

test('a script is one that its shell takes, and holds no other text than ours', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    if (!has(shell)) continue;
    const { status, stderr } = spawnSync(shell, ['-n', scriptOf(shell)], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  }
});
