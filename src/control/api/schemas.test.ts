import assert from 'node:assert/strict';
import { test } from 'node:test';
import { name } from './schemas.ts';

test('a name is one short line', () => {
  for (const text of ['Wiki', ' Café 2 ', 'Zoë O’Neill', '名前', '<b>']) assert.equal(name.parse(text), text.trim());
  for (const text of ['', '  ', 'a\r\nb', 'a\u0000b', 'a\u0085b', 'a\u001b[31mb', 'x'.repeat(129)])
    assert.equal(name.safeParse(text).success, false, JSON.stringify(text));
});
