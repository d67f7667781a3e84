/** Every command against a control node: for people, as JSON, and asked wrongly. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createCommands } from '../../src/cli/commands.ts';
import { allNodes, commandTree } from '../../src/cli/completion/command-tree.ts';
import type { CommandCase } from './command-case.ts';
import { CommandWorld, type Ran } from './command-world.ts';
import { COMMAND_CASES, ELSEWHERE } from './every-case.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const tree = commandTree(createCommands({ variables: new Map(), noColor: true, ofOthers: {} }));
const leaves = [...allNodes(tree)].filter(({ runs }) => runs).map(({ path }) => path.join(' '));

/** The command that a line begins with: the longest. */
function commandOf(line: string): string | undefined {
  return leaves.filter((leaf) => `${line} `.startsWith(`${leaf} `)).toSorted((a, b) => b.length - a.length)[0];
}

/** Before words that begin with a minus, where there are such. */
function withJson(words: readonly string[]): string[] {
  const at = words.includes('--') ? words.indexOf('--') : words.length;
  return [...words.slice(0, at), '--json', ...words.slice(at)];
}

test('each command has a case, or says which test runs it', () => {
  const run = new Set(COMMAND_CASES.map(({ line }) => commandOf(line)));
  const missing = leaves.filter((leaf) => !run.has(leaf) && !Object.hasOwn(ELSEWHERE, leaf));
  assert.deepEqual(missing, [], 'add a line to test/commands');
  for (const { line } of COMMAND_CASES) assert.ok(commandOf(line), `${line}: there is no such command`);
  for (const [leaf, { test: path }] of Object.entries(ELSEWHERE)) {
    assert.ok(leaves.includes(leaf) && !run.has(leaf), leaf);
    assert.ok(existsSync(join(ROOT, path)), path);
  }
});

test('each case says whether its command prints JSON', () => {
  const printsJson = new Map(
    [...allNodes(tree)].map(({ path, flags }) => [path.join(' '), flags.some(({ name }) => name === '--json')]),
  );
  for (const { line, plain = false } of COMMAND_CASES)
    assert.equal(printsJson.get(commandOf(line) ?? ''), !plain, line);
});

describe('a command', () => {
  const world = new CommandWorld();
  before(() => world.start());
  after(() => world.end());

  /** The words of a line: `{n}` first, so that `{session{n}}` is one of several. */
  function wordsOf(line: string, n: number): string[] {
    const filled = line.replaceAll('{n}', String(n)).replace(/\{([\w.-]+)\}/g, (_, path: string) => {
      const value = path.split('.').reduce<unknown>((at, key) => Reflect.get(at as object, key), world.things);
      assert.ok(value !== undefined, `${line}: {${path}} is not there`);
      return String(value);
    });
    return [...filled.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  }

  function fits({ line, says, endless, refused }: CommandCase, { code, out, err }: Ran): void {
    const text = refused ? err : out;
    assert.equal(code, endless || refused ? 1 : 0, `${line}\n${err}`);
    assert.match(text, says);
    assert.doesNotMatch(text, /undefined|NaN|\[object|\b1970-/, `${line}\n${text}`);
  }

  for (const one of COMMAND_CASES)
    test(one.line, async () => {
      const how = { isEndless: one.endless ?? false };
      fits(one, await world.run(wordsOf(one.line, 1), how));
      if (one.between !== undefined) await world.run(wordsOf(one.between, 1));
      if (!one.plain) await asJson(one, how);
      const [line, says] = one.wrong;
      const wrong = await world.run(wordsOf(line, 3));
      assert.ok(wrong.code > 0, `${line}: ${wrong.out}`);
      assert.match(wrong.err, says);
      assert.equal(wrong.out, '', line);
    });

  async function asJson({ line, keep, endless, refused }: CommandCase, how: object): Promise<void> {
    const { code, out, err } = await world.run(withJson(wordsOf(line, 2)), how);
    assert.equal(code, endless || refused ? 1 : 0, `${line} --json\n${err}`);
    if (refused) return;
    const value: unknown = JSON.parse(out);
    if (keep !== undefined) world.things[keep] = value;
  }
});
