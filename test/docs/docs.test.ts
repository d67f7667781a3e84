/** The documents say what is so: links lead somewhere, commands exist, and every reason is explained. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { apiPage, type IndexedApi, settingsPage } from '../../scripts/reference-pages.ts';
import { describeApi } from '../../src/control/api/openapi.ts';
import { NOT_READY } from '../../src/io/metrics/not-ready.ts';
import { PROBLEM_STATUS } from '../../src/pop/problems.ts';
import { faultOf } from './command-tree.ts';
import { anchorsOf, blocksOf, commandsOf, proseOf, ROOT, readPages } from './pages.ts';

const pages = readPages();
const pageAt = new Map(pages.map((page) => [page.path, page]));

describe('links', () => {
  for (const page of pages)
    test(page.path, () => {
      for (const [, link, image] of proseOf(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)) {
        const target = link ?? image ?? '';
        if (target === '' || /^(https?|mailto):/.test(target)) continue;
        const [file = '', anchor] = target.split('#', 2);
        const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
        assert.ok(existsSync(join(ROOT, path)), `${target} leads nowhere`);
        const linked = pageAt.get(path);
        if (anchor && linked) assert.ok(anchorsOf(linked).has(anchor), `${target}: there is no such heading`);
      }
    });
});

describe('commands', () => {
  for (const page of pages)
    test(page.path, () => {
      const faults = commandsOf(page).flatMap((command) => {
        const fault = faultOf(command);
        return fault === undefined ? [] : [`${command.where}: manis ${command.words.join(' ')}: ${fault}`];
      });
      assert.deepEqual(faults, []);
    });

  test('scripts of npm that pages name are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const page of pages)
      for (const [, name = ''] of page.text.matchAll(/`?npm run ([a-z]+)/g))
        assert.ok(name in scripts, `${page.path}: npm run ${name}`);
  });
});

describe('readers', () => {
  test('find every page by links from the README', () => {
    const found = new Set(['README.md']);
    for (const path of found) {
      const page = pageAt.get(path);
      for (const [, target = ''] of page?.text.matchAll(/\]\(([^)\s#]+)/g) ?? []) {
        const linked = normalize(join(dirname(path), target));
        if (pageAt.has(linked)) found.add(linked);
      }
    }
    assert.deepEqual(
      pages.map(({ path }) => path).filter((path) => !found.has(path)),
      [],
    );
  });

  test('the README is a page', () => {
    const words = pageAt.get('README.md')?.text.split(/\s+/).length ?? 0;
    assert.ok(words < 1_400, `${words} words`);
  });
});

describe('docs/troubleshooting.md', () => {
  const text = pageAt.get('docs/troubleshooting.md')?.text ?? '';
  const explained = new Set([...text.matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, name = '']) => name));
  /** The names of a union of strings, as the source declares it. */
  const unionIn = (path: string, name: string): string[] => {
    const source = readFileSync(join(ROOT, path), 'utf8');
    const body = new RegExp(`type ${name} =([^;]*);`).exec(source)?.[1] ?? '';
    return [...body.matchAll(/'([a-z0-9-]+)'/g)].map(([, one = '']) => one);
  };
  const sources: Readonly<Record<string, readonly string[]>> = {
    'problems of a PoP': Object.keys(PROBLEM_STATUS),
    'reasons of decisions': unionIn('src/core/policy/decision.ts', 'Reason'),
    'health of targets': unionIn('src/core/routing/health.ts', 'HealthReason'),
    'faults of TLS': unionIn('src/core/routing/tls-fault.ts', 'TlsFault'),
    'findings of the doctor': unionIn('src/core/doctor/judge.ts', 'FindingCode'),
    readiness: Object.values(NOT_READY).flat(),
  };

  for (const [what, names] of Object.entries(sources))
    test(`explains all ${what}`, () => {
      assert.ok(names.length > 2, 'the list was not found');
      assert.deepEqual(
        names.filter((name) => !explained.has(name)),
        [],
      );
    });

  test('explains nothing that does not exist, and says the right status', () => {
    const known = new Set([...Object.values(sources).flat(), 'status-503']);
    assert.deepEqual(
      [...explained].filter((name) => !known.has(name)),
      [],
    );
    for (const [, name = '', status] of text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm))
      assert.equal(Number(status), PROBLEM_STATUS[name as keyof typeof PROBLEM_STATUS], name);
  });
});

describe('docs/reference', async () => {
  const written = {
    'settings.md': settingsPage(),
    'api.md': apiPage((await describeApi()) as IndexedApi),
  };
  for (const [name, text] of Object.entries(written))
    test(`${name} is what the source says (npm run docs)`, () =>
      assert.equal(pageAt.get(`docs/reference/${name}`)?.text === text, true));
});

test('blocks that are run are in pages of which the runner knows', () => {
  const runner = readFileSync(join(import.meta.dirname, 'run.test.ts'), 'utf8');
  for (const { page } of pages.flatMap(blocksOf).filter(({ info }) => info === 'sh run'))
    assert.ok(runner.includes(`'${page}'`), page);
});
