/** The commands of docs/http-rules.md against a control node. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from 'citty';
import { ControlWorld } from '../../testing/control-world.ts';
import { createCommands } from '../commands.ts';

const world = new ControlWorld();
let folder: string;

before(async () => {
  await world.start();
  folder = await mkdtemp(join(tmpdir(), 'manis-http-'));
  await world.must('POST', '/resources', { name: 'wiki', host: 'wiki.manis.localhost' });
});
after(async () => {
  await world.end();
  await rm(folder, { recursive: true, force: true });
});

/** What a command prints, or why it does not. */
async function manis(...words: readonly string[]): Promise<string> {
  const own = { MANIS_URL: world.control.url, MANIS_CA: world.control.caFile, MANIS_TOKEN: world.apiToken };
  const written: string[] = [];
  const { write } = process.stdout;
  // What is told of tests is bytes and goes on.
  process.stdout.write = ((text: string | Uint8Array) =>
    typeof text === 'string' ? written.push(text) > 0 : write.call(process.stdout, text)) as typeof write;
  try {
    const commands = createCommands({ variables: new Map(Object.entries(own)), noColor: true, ofOthers: {} });
    await runCommand(commands, { rawArgs: [...words] });
  } catch (error) {
    return (error as Error).message;
  } finally {
    process.stdout.write = write;
  }
  return written.join('').trim();
}

async function file(text: string): Promise<string> {
  const path = join(folder, 'http.yaml');
  await writeFile(path, text);
  return path;
}

test('settings are checked, applied and shown, and a mistake is told with its line before anything is sent', async () => {
  const good = await file('limits: { uriBytes: 100 }\nroutes:\n  - name: robots\n    answer: { status: 200 }\n');
  assert.equal(await manis('resource', 'http', 'check', good), `${good}: 1 route, nothing wrong`);
  assert.match(await manis('resource', 'http', 'apply', 'wiki', good), /^routes:\n {2}- name: robots\n/);
  const shown = await manis('resource', 'http', 'show', 'wiki');
  assert.match(shown, /^limits:\n {2}uriBytes: 100$/m);
  const bad = await file('limits:\n  uriByts: 100\n');
  assert.equal(
    await manis('resource', 'http', 'apply', 'wiki', bad),
    `${bad}:2: limits.uriByts: expected one of the keys bodyBytes, headerBytes, uriBytes, answerMs, perClient, perUser, concurrent, found "uriByts"`,
  );
  assert.equal(await manis('resource', 'http', 'show', 'wiki'), shown);
});

test('what is shown can be applied again', async () => {
  const shown = await manis('resource', 'http', 'show', 'wiki');
  assert.equal(await manis('resource', 'http', 'apply', 'wiki', await file(shown)), shown);
});

test('maintenance is switched on and off, and has to be told which', async () => {
  const on = await manis('resource', 'maintenance', 'wiki', '--on', '--message', 'Back at ten');
  assert.equal(on, 'The maintenance page is shown.');
  assert.match(await manis('resource', 'http', 'show', 'wiki'), /on: true\n {2}message: Back at ten/);
  assert.match(await manis('resource', 'maintenance', 'wiki'), /either --on or --off/);
  assert.equal(await manis('resource', 'maintenance', 'wiki', '--off'), 'The application is shown.');
});

test('an organisation has pages of its own', async () => {
  const pages = await file('- statuses: [503]\n  html: "<p>{title}</p>"\n');
  assert.match(await manis('organisation', 'error-pages', 'apply', pages), /html: <p>\{title\}<\/p>/);
  assert.match(
    await manis('organisation', 'error-pages', 'apply', await file('- statuses: [200]\n  html: a\n')),
    /:1: \[0\]\.statuses\[0\]: expected one of 403/,
  );
  assert.match(await manis('organisation', 'error-pages', 'show'), /statuses:\n +- 503/);
});
