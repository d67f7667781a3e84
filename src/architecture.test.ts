/** The rules of the house, proved on every file of src, and the rules themselves proved on small bad examples. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { readFacts } from './testing/architecture/facts.ts';
import { limitsPage } from './testing/architecture/limits.ts';
import { violations } from './testing/architecture/rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the house', () => {
  const files = readFacts(root.replace(/\/$/, ''));

  test('has files', () => assert.ok(files.some((file) => file.path === 'src/base/bytes.ts')));

  test('keeps its rules', () => {
    const found = violations(files);
    assert.equal(found.length, 0, `\n${found.join('\n')}\n`);
  });

  test('says every limit in docs/limits.md', () => {
    const written = readFileSync(join(root, 'docs', 'limits.md'), 'utf8');
    assert.equal(written, limitsPage(files), 'docs/limits.md is not what the constants say: run `npm run docs`');
  });
});

interface BadExample {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expected: readonly RegExp[];
}

const longFunction = `export function long() {\n${'  void 0;\n'.repeat(60)}}\n`;

const BAD_EXAMPLES: readonly BadExample[] = [
  {
    name: 'base imports core',
    files: { 'src/base/a.ts': `import { b } from '../core/policy/index.ts';\nb();` },
    expected: [/^src\/base\/a\.ts:1 imports src\/core\/policy\/index\.ts: base holds words only$/],
  },
  {
    name: 'a core room imports its sibling',
    files: { 'src/core/policy/a.ts': `export * from '../session/index.ts';` },
    expected: [/imports src\/core\/session\/index\.ts: each protocol is readable alone/],
  },
  {
    name: 'link imports a value where only types may pass',
    files: { 'src/core/link/a.ts': `import { b } from '../policy/index.ts';\nb();` },
    expected: [/link defines messages/],
  },
  {
    name: 'core imports a machine module, even for its types',
    files: { 'src/core/policy/a.ts': `import type { Socket } from 'node:net';\nexport type A = Socket;` },
    expected: [/imports node:net: base and core need no machine/],
  },
  {
    name: 'core imports dynamically',
    files: { 'src/core/policy/a.ts': `export const load = () => import('zod');` },
    expected: [/imports zod/],
  },
  {
    name: 'pop imports control',
    files: { 'src/pop/a.ts': `import type { B } from '../control/b.ts';\nexport type A = B;` },
    expected: [/control, pop and connector are wiring/],
  },
  {
    name: 'pop opens a socket by itself',
    files: { 'src/pop/a.ts': `import { connect } from 'node:net';\nconnect(1);` },
    expected: [/imports node:net: io is the only floor that touches the machine/],
  },
  {
    name: 'cli imports testing',
    files: { 'src/cli/a.ts': `import { b } from '../testing/b.ts';\nb();` },
    expected: [/test code is imported by tests alone/],
  },
  {
    name: 'pop reaches behind the face of a core room',
    files: { 'src/pop/a.ts': `import { b } from '../core/policy/evaluate.ts';\nb();` },
    expected: [/public face is its index\.ts/],
  },
  { name: 'a file beside the rooms', files: { 'src/stray.ts': 'export {};' }, expected: [/is in no room/] },
  {
    name: 'two files that import each other',
    files: {
      'src/base/a.ts': `import type { B } from './b.ts';\nexport type A = B;`,
      'src/base/b.ts': `import type { A } from './a.ts';\nexport type B = A;`,
    },
    expected: [/^src\/base\/a\.ts -> src\/base\/b\.ts -> src\/base\/a\.ts/],
  },
  { name: 'a default export', files: { 'src/base/a.ts': 'export default 1;' }, expected: [/:1 has a default export/] },
  {
    name: 'a default exported function',
    files: { 'src/base/a.ts': 'export default function a() {}' },
    expected: [/:1 has a default export/],
  },
  { name: 'a long file', files: { 'src/base/a.ts': '//\n'.repeat(301) }, expected: [/has 301 lines/] },
  { name: 'a long function', files: { 'src/base/a.ts': longFunction }, expected: [/:1 long has 62 lines/] },
  {
    name: 'a file called utils',
    files: { 'src/io/net-utils.ts': '' },
    expected: [/"utils": such a name says nothing/],
  },
  {
    name: 'a class called manager',
    files: { 'src/io/a.ts': 'export class TunnelManager {}' },
    expected: [/:1 TunnelManager: such a name/],
  },
  {
    name: 'time outside the clock',
    files: { 'src/io/a.ts': 'Date.now();\nperformance.now();\nnew Date();' },
    expected: [/:1 uses Date\.now/, /:2 uses performance\.now/, /:3 uses new Date\(\)/],
  },
  { name: 'chance', files: { 'src/cli/a.ts': 'Math.random();' }, expected: [/uses Math\.random: it can be predicted/] },
  { name: 'the environment', files: { 'src/pop/a.ts': 'process.env.X;' }, expected: [/uses process\.env/] },
  { name: 'a timer in core', files: { 'src/core/policy/a.ts': 'setTimeout(() => 1, 2);' }, expected: [/no timers/] },
  {
    name: 'a room without a word about it',
    files: { 'src/core/policy/index.ts': 'export {};' },
    expected: [/begins without a docstring/],
  },
  {
    name: 'a limit without a reason',
    files: { 'src/pop/constants.ts': 'export const CAP = 5;' },
    expected: [/CAP has no comment/],
  },
  {
    name: 'a limit that stands apart from the comment above it',
    files: {
      'src/pop/constants.ts': '/** Both. */\nexport const LOW = 1;\nexport const HIGH = 2;\n\nexport const OTHER = 3;',
    },
    expected: [/OTHER has no comment/],
  },
];

const GOOD_EXAMPLES: BadExample['files'] = {
  'src/io/clock.ts': 'Date.now();\nperformance.now();\nnew Date(5);',
  'src/cli/environment.ts': 'process.env.X;',
  'src/core/link/a.ts': `import type { B } from '../policy/index.ts';\nexport type A = B;`,
  'src/core/overlay/a.ts': `import { b } from '../wireguard/index.ts';\nb();`,
  'src/pop/a.ts': `import type { Socket } from 'node:net';\nimport { b } from '../io/b.ts';\nb as Socket;`,
  'src/pop/a.test.ts': `import { b } from '../testing/b.ts';\nb(Date.now());`,
  'src/pop/constants.ts': '/** Enough | for\n * all. */\nexport const CAP_BYTES = 5 * 1024;',
};

/** Facts about files that exist in memory alone. */
function factsAbout(files: BadExample['files']) {
  const config = JSON.stringify({ compilerOptions: { noLib: true, allowImportingTsExtensions: true, noEmit: true } });
  const placed = Object.entries(files).map(([path, text]) => [`/house/${path}`, text]);
  return readFacts(
    '/house',
    createVirtualFileSystem({ '/house/tsconfig.json': config, ...Object.fromEntries(placed) }),
  );
}

describe('a rule is broken by', () => {
  for (const { name, files, expected } of BAD_EXAMPLES) {
    test(name, () => {
      const found = violations(factsAbout(files));
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
    });
  }

  test('nothing in good files', () => assert.deepEqual(violations(factsAbout(GOOD_EXAMPLES)), []));

  test('a limit that the page does not name', () => {
    assert.match(limitsPage(factsAbout(GOOD_EXAMPLES)), /\| `CAP_BYTES` \| `5 \* 1024` \| Enough \\\| for all\. \|/);
  });
});
