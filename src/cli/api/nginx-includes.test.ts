import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { importNginx } from '../../core/blueprint/index.ts';
import { includesOf } from './nginx-includes.ts';

const root = mkdtempSync(join(tmpdir(), 'manis-nginx-'));
after(() => rmSync(root, { recursive: true, force: true }));
const main = join(root, 'nginx', 'nginx.conf');
mkdirSync(join(root, 'nginx', 'conf.d'), { recursive: true });
const put = (name: string, text: string): void => writeFileSync(join(root, name), text);
put('secret.conf', 'server { server_name secret.example; location / { proxy_pass http://10.0.0.9; } }');
const server = (name: string): string => `server { server_name ${name}; location / { proxy_pass http://10.0.0.1; } }`;

function imported(text: string) {
  writeFileSync(main, text);
  const { blueprint, notes } = importNginx({ path: main, text }, { site: 'home' }, includesOf(main));
  return {
    hosts: Object.keys((blueprint['resources'] ?? {}) as object).sort(),
    notes: notes.map(({ text: said }) => said).join('\n'),
  };
}

describe('what an nginx file includes', () => {
  test('is read beside it, by links within its folder, too', () => {
    put('nginx/conf.d/a.conf', server('a.example'));
    put('nginx/b.conf', server('b.example'));
    symlinkSync('../b.conf', join(root, 'nginx', 'conf.d', 'linked.conf'));
    const { hosts, notes } = imported(`http { include conf.d/*.conf; include ${join(root, 'nginx')}/b.conf; }`);
    assert.deepEqual(hosts, ['a.example', 'b.example']);
    assert.match(notes, /published by another server block already/);
  });

  const strangers: [what: string, include: () => string, says: RegExp][] = [
    ['above its folder', () => '../secret.conf', /is outside of/],
    ['above it by a pattern', () => 'conf.d/../../*.conf', /is outside of/],
    ['anywhere on the disk', () => join(root, 'secret.conf'), /is outside of/],
    ['the machine’s own files', () => '/etc/passwd', /is outside of/],
    ['a device without end', () => '/dev/zero', /is outside of/],
    ['all there is', () => '/**/*', /is outside of/],
    ['what a link leads to', () => link('secret', '../secret.conf'), /is outside of/],
    ['a device that a link leads to', () => link('zero', '/dev/zero'), /is outside of/],
    ['a pipe that nobody writes to', () => pipe(), /is no ordinary file/],
    ['a folder', () => 'conf.d', /is no ordinary file/],
    ['a file that is huge', () => huge(), /is larger than/],
    ['itself', () => 'nginx.conf', /includes itself/],
  ];
  const link = (name: string, to: string): string => {
    symlinkSync(to, join(root, 'nginx', `${name}.link`));
    return `${name}.link`;
  };
  const pipe = (): string => {
    assert.equal(spawnSync('mkfifo', [join(root, 'nginx', 'pipe')]).status, 0);
    return 'pipe';
  };
  const huge = (): string => {
    put('nginx/huge', '#'.repeat(1024 * 1024 + 1));
    return 'huge';
  };
  for (const [what, include, says] of strangers)
    test(`is not read where it is ${what}`, () => {
      const { hosts, notes } = imported(`http { include ${include()}; ${server('own.example')} }`);
      assert.deepEqual(hosts, ['own.example']);
      assert.match(notes, says);
    });

  test('is read no more than so often, whatever includes whatever', () => {
    for (let i = 0; i < 7; i++) put(`nginx/level${i}`, `include level${i + 1};`.repeat(50));
    put('nginx/level7', server('deep.example'));
    const { hosts, notes } = imported('http { include level0; }');
    assert.deepEqual(hosts, ['deep.example']);
    assert.match(notes, /is one of more than 500/);
  });

  test('a file of a megabyte that nothing closes is read in one pass', () => {
    for (const text of ['${'.repeat(250_000), '"\\"'.repeat(250_000), '\' " '.repeat(250_000)])
      assert.deepEqual(imported(`http { ${server('own.example')} }\n${text}`).hosts, ['own.example']);
  });
});
