/** heavy: `npm start` asked for in ways that cannot be. Each says why in one line, ends with 2, and leaves nothing running. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePortBase, remove, startToEnd, temporaryFolder } from './network.ts';

describe('npm start refuses', () => {
  const table: [args: string[], says: RegExp][] = [
    [['--port-base', 'abc'], /--port-base is "abc"; expected a whole number from 1 to 65529/],
    [['--port-base', '70000'], /--port-base is "70000"; expected a whole number/],
    [['--port-base'], /--port-base needs a value/],
    [['--app', 'localhost:3000'], /--app is "localhost:3000"; expected a URL such as http:\/\/localhost:3000/],
    [
      ['--app', 'http://localhost:3000/admin'],
      /--app is "http:\/\/localhost:3000\/admin"; expected a URL without a path/,
    ],
    [['--data-dir', ''], /--data-dir is ""; expected a folder that can be written/],
    [
      ['--admin-password-file', '/nowhere'],
      /--admin-password-file is "\/nowhere"; expected a file that holds the password/,
    ],
    [['--colour'], /there is no flag --colour/],
    [['now'], /"now" is one word too many/],
    [['--config', '/nowhere.yaml'], /--config is "\/nowhere.yaml"; expected a file that exists/],
  ];
  for (const [args, says] of table) {
    test(`${args.join(' ')}`, async (context) => {
      const folder = temporaryFolder();
      context.after(() => remove(folder));
      const own = args.includes('--data-dir') ? [] : ['--data-dir', join(folder, 'data')];
      const { exitCode, stdout, stderr } = await startToEnd([...args, ...own]);
      assert.match(stderr, says);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.equal(stdout, '');
      assert.equal(exitCode, 2);
      assert.equal(existsSync(join(folder, 'data', 'control')), false);
    });
  }

  test('a port that is in use, and names it and the flag', async (context) => {
    const folder = temporaryFolder();
    context.after(() => remove(folder));
    const base = await freePortBase();
    const server = createServer();
    server.listen(base + 3, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const { exitCode, stderr } = await startToEnd(['--port-base', String(base), '--data-dir', join(folder, 'data')]);
    assert.match(
      stderr,
      new RegExp(`port ${base + 3} \\(TCP, 127\\.0\\.0\\.1; for control\\) is in use; .*--port-base N`),
    );
    assert.equal(exitCode, 2);
    assert.equal(existsSync(join(folder, 'data', 'control')), false);
  });

  test('a data folder that is a file', async (context) => {
    const folder = temporaryFolder();
    context.after(() => remove(folder));
    const path = join(folder, 'data');
    writeFileSync(path, '');
    const { exitCode, stderr } = await startToEnd(['--port-base', String(await freePortBase()), '--data-dir', path]);
    assert.match(stderr, /data.* cannot be (made|read): .*not a directory/);
    assert.equal(exitCode, 1);
  });
});
