import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { leaf } from './command.ts';
import { listOf, switchValue, worded } from './config/setting.ts';
import { settingsOf, text } from './config/value.ts';
import type { Environment } from './environment.ts';

const settings = settingsOf({
  size: worded(text().optional(), { kind: 'value', expected: 'a size', description: '' }),
  loud: worded(switchValue.default(false), { kind: 'switch', expected: 'true or false', description: '' }),
  tag: worded(listOf(text()).optional(), { kind: 'list', expected: 'tags', description: '' }),
});

/** What a command was called with, or what it complained of. */
async function call(args: string[], variables: Record<string, string> = {}): Promise<unknown> {
  let called: unknown;
  const environment: Environment = { variables: new Map(Object.entries(variables)), noColor: true, ofOthers: {} };
  const paint = leaf(environment, {
    name: 'paint',
    description: '',
    settings,
    positionals: ['colour'],
    run: async (read, words) => {
      called = { ...read, words };
    },
  });
  try {
    await paint.run?.({ rawArgs: args.slice(1), args: {} as never, cmd: paint });
  } catch (error) {
    return (error as Error).message;
  }
  return called;
}

describe('a command', () => {
  const table: [args: string, expected: unknown][] = [
    ['paint red', { loud: false, words: ['red'] }],
    ['paint red --loud --size 5', { loud: true, size: '5', words: ['red'] }],
    ['paint --size=5 red', { loud: false, size: '5', words: ['red'] }],
    ['paint red --tag a --tag b,c', { loud: false, tag: ['a', 'b', 'c'], words: ['red'] }],
    ['paint', 'COLOUR is missing'],
    ['paint red blue', '"blue" is one word too many'],
    ['paint red --siez 5', 'there is no flag --siez; did you mean --size?'],
    ['paint -- -red', { loud: false, words: ['-red'] }],
    ['paint -red', 'there is no flag -r; a word that begins with a minus goes behind --'],
    ['paint red --weight 5', 'there is no flag --weight; --help lists those there are'],
    ['paint red --size', '--size needs a value'],
    ['paint red --size --loud', '--size needs a value'],
    ['paint red --loud=yes', '--loud takes no value'],
  ];
  for (const [args, expected] of table) {
    test(`${args}`, async () => assert.deepEqual(await call(args.split(' ')), expected));
  }

  test('reads variables', async () => {
    assert.deepEqual(await call(['paint', 'red'], { MANIS_SIZE: '7' }), { loud: false, size: '7', words: ['red'] });
  });
});
