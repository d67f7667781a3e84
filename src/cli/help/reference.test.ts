import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCommands } from '../commands.ts';
import { allNodes, commandTree } from '../completion/command-tree.ts';
import { createStyle } from '../terminal/style.ts';
import { frontPage } from './front-page.ts';
import { cliReference } from './reference.ts';

const root = commandTree(createCommands({ variables: new Map(), noColor: true, ofOthers: {} }));

test('docs/cli.md is what the commands are', () => {
  const written = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md'), 'utf8');
  assert.ok(written === cliReference(root), 'docs/cli.md is not what the commands are: run `npm run docs`');
});

test('every command says what it does, and every flag what it means', () => {
  for (const { path, description, flags } of allNodes(root)) {
    assert.ok(description !== '' && !description.endsWith('.'), `${path.join(' ')}: ${description}`);
    for (const flag of flags) assert.ok(flag.description !== '', `${path.join(' ')} ${flag.name}`);
  }
});

test('every command that asks control prints JSON where it is asked to', () => {
  for (const { path, flags } of allNodes(root))
    if (flags.some(({ name }) => name === '--organisation'))
      assert.ok(
        flags.some(({ name }) => name === '--json'),
        path.join(' '),
      );
});

test('the front page has each command once', () => {
  const page = frontPage(root, { style: createStyle(false) });
  for (const { path } of root.children)
    assert.equal(page.match(new RegExp(`^  ${path[0]} `, 'gm'))?.length, 1, path.join(' '));
});
