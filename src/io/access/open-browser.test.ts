import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageAddress } from './open-browser.ts';

test('what another machine names is opened only where it is a page', () => {
  const table: [address: string, opened: string | undefined][] = [
    ['https://manis.example/program', 'https://manis.example/program'],
    ['HTTPS://manis.example', 'https://manis.example/'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
    ['file:///etc/passwd', undefined],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['ssh://-oProxyCommand=calc/', undefined],
    ['--new-window', undefined],
    ['/usr/bin/xcalc', undefined],
    ['https://a b', undefined],
  ];
  for (const [address, opened] of table) assert.equal(pageAddress(address), opened, address);
});
