import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveName } from './resolve.ts';

const cases: { name: string; gives: readonly (string | undefined)[] }[] = [
  { name: 'localhost', gives: ['127.0.0.1', '::1'] },
  { name: '192.0.2.7', gives: ['192.0.2.7'] },
  { name: '2001:db8::7', gives: ['2001:db8::7'] },
  { name: 'pop.invalid', gives: [undefined] },
];
for (const { name, gives } of cases) {
  test(`${name} resolves to ${gives.map((address) => address ?? 'nothing').join(' or ')}`, async () => {
    const address = await resolveName(name);
    assert.ok(gives.includes(address?.text), `${address?.text}`);
  });
}
