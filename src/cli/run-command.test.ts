/** What a command line comes to before any command asks anything: help, typing errors, other words for verbs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from './environment.ts';
import { runCommandLine } from './run-command.ts';

const environment: Environment = { variables: new Map(), noColor: true, ofOthers: {} };

async function manis(line: string): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const [out, err] = [process.stdout.write, process.stderr.write];
  process.stdout.write = ((text: string | Uint8Array) =>
    typeof text === 'string' ? written.push(text) > 0 : out.call(process.stdout, text)) as typeof out;
  process.stderr.write = ((text: string) => written.push(text) > 0) as typeof err;
  try {
    const code = await runCommandLine(line.split(' ').filter(Boolean), environment);
    return { code, text: written.join('') };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
}

test('a mistake says what was meant', async () => {
  const table: [line: string, text: RegExp][] = [
    ['stie list', /^manis: there is no command stie; did you mean "manis site list"\?$/m],
    ['site lsit', /^manis: there is no command site lsit; did you mean "manis site list"\?$/m],
    ['site frobnicate', /^manis: there is no command site frobnicate; see manis site --help$/m],
    ['site', /^manis: manis site needs one more word: list, show, /m],
    ['site --json', /^manis: manis site needs one more word: list, show, /m],
    ['site add', /^manis: NAME is missing: manis site add NAME$/m],
    ['policy update wiki', /^manis: FILE is missing: manis policy update RESOURCE FILE$/m],
    ['pop lst', /^manis: there is no command pop lst; did you mean "manis pop list"\?$/m],
    ['site list --jsn', /^manis: there is no flag --jsn; did you mean --json\?$/m],
    ['--verbose', /^manis: there is no flag --verbose; --help lists those there are$/m],
    ['site frobnicate --help', /^manis: there is no command site frobnicate/m],
  ];
  for (const [line, text] of table) {
    const told = await manis(line);
    assert.equal(told.code, 2, line);
    assert.match(told.text, text);
  }
});

test('other words for a verb lead to it', async () => {
  const table: [line: string, usage: string][] = [
    ['share create --help', 'manis share add RESOURCE [FLAGS]'],
    ['site rm --help', 'manis site remove SITE [FLAGS]'],
    ['site ls --help', 'manis site list [FLAGS]'],
    ['help user get', 'manis user show USER [FLAGS]'],
    ['list put --help', 'manis list add NAME [FLAGS]'],
    ['requests tail --help', 'manis requests follow [FLAGS]'],
    ['session remove --help', 'manis session revoke SESSION [FLAGS]'],
  ];
  for (const [line, usage] of table) {
    const told = await manis(line);
    assert.equal(told.code, 0, told.text);
    assert.ok(told.text.split('\n').includes(`  ${usage}`), told.text);
  }
});

test('help has what is one’s own before what every command has', async () => {
  const { text } = await manis('list add --help');
  assert.match(
    text,
    /^Flags\n {2}--kind +What it is of: addresses, [\s\S]*^Flags of every such command\n {2}--url URL/m,
  );
  assert.match((await manis('site --help')).text, /^Commands\n {2}list +List every site\n {2}show SITE +Show a site$/m);
  assert.match((await manis('')).text, /^Begin\n {2}try /m);
  assert.match((await manis('--version')).text, /^\d+\.\d+\.\d+\n$/);
});
