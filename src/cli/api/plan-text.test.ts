import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Plan } from '../../core/blueprint/index.ts';
import { createStyle } from '../terminal/style.ts';
import { planText, sectionsOf } from './plan-text.ts';
import { secretsOf } from './secret-references.ts';

const plain = createStyle(false);
const PLAN: Plan = {
  steps: [
    { verb: 'create', noun: 'sites', name: 'home', changes: [{ path: 'publishing', after: null }] },
    {
      ...{ verb: 'update', noun: 'resources', name: 'wiki\u001b[2J', takenFrom: 'dashboard' },
      changes: [
        { path: 'targets[0].url', before: 'http://a', after: 'http://b' },
        { path: 'http.routes', before: 'x'.repeat(200) },
      ],
    },
    { verb: 'delete', noun: 'roles', name: 'old', changes: [] },
  ],
  refusals: [{ noun: 'resources', name: 'db', owner: 'file:other', text: 'resource "db" belongs to file:other' }],
  unchanged: 3,
  left: [{ noun: 'lists', name: 'office' }],
};

describe('a plan, for people', () => {
  test('says what comes, changes and goes, and whose it was', () =>
    assert.equal(
      planText(PLAN, plain),
      `  + site home
      publishing  null
  ~ resource wiki [2J  (made by hand)
      targets[0].url  http://a -> http://b
      http.routes  ${'x'.repeat(59)}… -> (gone)
  - role old
  ! resource "db" belongs to file:other
  Not in the file any more, and left alone (--prune removes them): list office

  1 to add, 1 to change, 1 to remove, 1 refused; 3 as they are.`,
    ));

  test('of what is new is what the file says, and not what holds because nothing was said', () => {
    const changes = [
      { path: 'host', after: 'wiki.example.com' },
      { path: 'balancing', after: 'least-latency' },
    ];
    const steps = [{ verb: 'create' as const, noun: 'resources' as const, name: 'wiki', changes }];
    const said = sectionsOf(
      'manis: 1\nresources:\n  wiki:\n    host: wiki.example.com\n    targets: [{ site: home, url: "http://a" }]\n',
    );
    const plan = { steps, refusals: [], unchanged: 1, left: [] };
    assert.equal(
      planText(plan, plain, said),
      `  + resource wiki
      host  wiki.example.com
      targets  [ { site: home, url: http://a } ]

  1 to add; 1 as it is.`,
    );
    assert.match(planText(plan, plain, sectionsOf('resources: {')), /balancing {2}least-latency/);
  });

  test('that changes nothing is one line', () =>
    assert.equal(
      planText({ steps: [], refusals: [], unchanged: 1, left: [] }, plain),
      '  Nothing to change: 1 as it is.',
    ));
});

describe('secrets of a document', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-secrets-'));
  after(() => rmSync(folder, { recursive: true }));

  test('are looked up where it says, beside the file, and what is not there is left out', async () => {
    writeFileSync(join(folder, 'pin.txt'), '835217\n');
    const text = 'a: { s: { env: A } }\nb: [ { t: { file: pin.txt } }, { u: { env: NONE } } ]\nc: { env: A, file: x }';
    const found = await secretsOf(text, join(folder, 'infra.yaml'), (name) => (name === 'A' ? 'one' : undefined));
    assert.deepEqual(found, { 'env:A': 'one', 'file:pin.txt': '835217' });
  });
});
