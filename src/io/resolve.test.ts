import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint, parseIpAddress } from '../base/index.ts';
import { findEndpoint, resolveName } from './resolve.ts';

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

const endpoints: { text: string; gives: string | undefined }[] = [
  { text: '192.0.2.7:51820', gives: '192.0.2.7:51820' },
  { text: '[2001:db8::7]:443', gives: '[2001:db8::7]:443' },
  { text: 'pop.example.com:51820', gives: '198.51.100.7:51820' },
  { text: 'gone.example.com:51820', gives: undefined },
  { text: 'pop.example.com:70000', gives: undefined },
  { text: 'pop.example.com', gives: undefined },
  { text: 'a b:1', gives: undefined },
];
for (const { text, gives } of endpoints) {
  test(`${text} is ${gives ?? 'no endpoint'}`, async () => {
    const resolve = async (name: string) => (name.startsWith('pop') ? parseIpAddress('198.51.100.7') : undefined);
    const found = await findEndpoint(text, resolve);
    assert.equal(found && formatEndpoint(found), gives);
  });
}
