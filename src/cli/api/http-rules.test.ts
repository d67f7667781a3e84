import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { httpSettingsFrom } from './http-rules.ts';

test('mistakes in settings for HTTP are named by file, line and what was expected', () => {
  const text = `
routes:
  - name: api
    when: { path: { prefix: api } }
    forward: {}
  - name: old
    when: { path: { exact: /old } }
    redirect: { to: "//elsewhere.example" }
headers:
  request:
    - { set: Remote-User, value: root }
    - { set: X-Greeting, value: "hello {user.nmae}" }
limits: { bodyByts: 1 }
`;
  assert.throws(
    () => httpSettingsFrom(text, 'http.yaml'),
    (error: Error) => {
      const lines = error.message.split('\n');
      assert.deepEqual(
        lines.map((line) => line.split(': ')[0]),
        ['http.yaml:4', 'http.yaml:8', 'http.yaml:11', 'http.yaml:12', 'http.yaml:13'],
      );
      assert.match(lines[0] ?? '', /routes\[0\]\.when\.path\.prefix: expected a path that starts with \/, found "api"/);
      assert.match(lines[3] ?? '', /between braces one of user\.id/);
      return true;
    },
  );
});

test('an empty file says nothing', () => assert.deepEqual(httpSettingsFrom('', 'http.yaml'), {}));

test('every example of the manual can be read as it stands', () => {
  const manual = readFileSync(new URL('../../../docs/http-rules.md', import.meta.url), 'utf8');
  const examples = [...manual.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
  assert.ok(examples.length >= 7);
  for (const example of examples) assert.ok(Object.keys(httpSettingsFrom(example, 'manual')).length > 0, example);
});
