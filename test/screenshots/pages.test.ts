import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeApi } from '../../src/control/api/openapi.ts';
import { PROBLEM_TEXTS } from '../../src/pop/pages/problem-texts.ts';
import { PROBLEM_STATUS } from '../../src/pop/problems.ts';
import { OPENINGS } from './openings.ts';
import { consolePages, fileNameOf, VISITS } from './pages.ts';

const DASHBOARD = join(import.meta.dirname, '..', '..', 'src', 'dashboard');

test('every page of the router is shown, under a name of its own', () => {
  const source = readFileSync(join(DASHBOARD, 'router.tsx'), 'utf8');
  const pages = consolePages();
  assert.equal(pages.length, [...source.matchAll(/\bcreateRoute\(/g)].length, 'a route without a path of its own');
  assert.equal(new Set(pages.map(({ path }) => fileNameOf(path))).size, pages.length);
});

test('every page that somebody wrote is in the router', () => {
  const source = readFileSync(join(DASHBOARD, 'router.tsx'), 'utf8');
  const files = readdirSync(join(DASHBOARD, 'pages'), { recursive: true, encoding: 'utf8' });
  for (const name of files.filter((one) => one.endsWith('.tsx'))) {
    const text = readFileSync(join(DASHBOARD, 'pages', name), 'utf8');
    for (const [, page = ''] of text.matchAll(/^export function (\w+Page)\(\)/gm))
      assert.ok(source.includes(`'${page}'`), `${name} has ${page}, which is at no path`);
  }
});

test('a page about one thing knows in which list of the API to find one', async () => {
  const { paths } = (await describeApi()) as { paths: Record<string, { get?: unknown }> };
  for (const { path, noun } of consolePages())
    if (noun !== undefined)
      assert.ok(paths[`/api/v1/${noun}`]?.get, `${path}: there is no list /${noun}; name it in NOUNS`);
});

test('what is opened is opened on a page that there is, under a name of its own', () => {
  const paths = new Set(consolePages().map(({ path }) => path));
  for (const { path } of OPENINGS) assert.ok(paths.has(path), `${path} is no page`);
  assert.equal(new Set(OPENINGS.map(({ path, name }) => `${path} ${name}`)).size, OPENINGS.length);
});

test('every component with a dialog is seen with it open', () => {
  const folder = join(DASHBOARD, 'pages');
  const shown = new Set(OPENINGS.flatMap(({ shows = [] }) => shows));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.tsx'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    if (!/<(Dialog|FormDialog|NameDialog|Confirm|RemoveButton)\b/.test(text)) continue;
    assert.ok(shown.has(name.replace(/\.tsx$/, '')), `${name} has a dialog that no opening shows`);
  }
});

test('every problem has a page, and every visit a name of its own', () => {
  assert.deepEqual(Object.keys(PROBLEM_TEXTS).sort(), Object.keys(PROBLEM_STATUS).sort());
  assert.equal(new Set(VISITS.map(({ name }) => name)).size, VISITS.length);
});
