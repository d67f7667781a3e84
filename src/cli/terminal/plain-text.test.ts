import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { printable, printableLines } from '../../base/index.ts';
import { jsonText, terminalText } from './plain-text.ts';
import { createStyle } from './style.ts';

/** What a terminal obeys, wherever it may come from: a name, a path, a header, an answer. */
const HOSTILE: readonly [string, string][] = [
  ['a cursor that goes up and clears', '\u001b[2A\u001b[2K'],
  ['a title', '\u001b]0;owned\u0007'],
  ['a link to elsewhere', '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\'],
  ['the clipboard', '\u001b]52;c;cm0gLXJmIH4=\u0007'],
  ['one sign for ESC [', '\u009b2J'],
  ['one sign for ESC ]', '\u009d0;owned\u009c'],
  ['a line that begins anew', 'denied\rallowed'],
  ['a bell and a backspace', '\u0007\b\b\b'],
  ['DEL', '\u007f'],
  ['a text that runs backwards', 'invoice\u202egpj.exe'],
  ['an isolate that is never ended', '\u2067a\u2066b'],
  ['other ends of lines', 'a\u2028b\u2029c\u0085d'],
];
const OBEYED = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe('a terminal obeys nothing of', () => {
  for (const [what, text] of HOSTILE)
    test(what, () => {
      assert.doesNotMatch(printable(text), OBEYED);
      assert.doesNotMatch(printableLines(text), OBEYED);
      assert.doesNotMatch(terminalText(text), OBEYED);
      const json = jsonText({ text });
      assert.doesNotMatch(json, OBEYED);
      assert.deepEqual(JSON.parse(json), { text }, 'programs read what it was');
      assert.deepEqual(JSON.parse(jsonText({ text }, 2)), { text });
    });
});

test('marks of our own, lines and tables stay as they are', () => {
  const style = createStyle(true);
  const text = ['strong', 'dim', 'good', 'bad', 'link']
    .map((mark) => style[mark as keyof typeof style](mark))
    .join('\n\t');
  assert.equal(terminalText(text), text);
  assert.equal(terminalText('a\r\nb\n'), 'a\r\nb\n');
  assert.equal(printableLines('a\n\tb'), 'a\n\tb');
  assert.equal(printable('שלום · 名前 · naïve'), 'שלום · 名前 · naïve');
});

test('every command prints by the one way that sees to that', () => {
  /** Bytes of somebody's connection, and scripts and words that are all our own. */
  const own = ['terminal/output.ts', 'access/access-tcp.ts', 'completion/command.ts', 'programs/store.ts', 'main.ts'];
  const root = join(import.meta.dirname, '..');
  const others = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !own.includes(name))
    .filter((name) =>
      /process\.std(?:out|err)\.write|console\.(?:log|error|warn)/.test(readFileSync(join(root, name), 'utf8')),
    );
  assert.deepEqual(others, []);
});
