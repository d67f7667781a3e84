import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portalReturn } from './portal-return.ts';

test('nobody who has signed in goes on to a page at which something begins by being opened', () => {
  const connect = '/sign-in/provider/one/connect';
  const table: [asked: string, goesOn: string][] = [
    ['/', '/'],
    ['/security', '/security'],
    ['/console/start?x=1', '/console/start?x=1'],
    ['/authorize?resource=a', '/authorize?resource=a'],
    [connect, '/'],
    [`${connect}?return=/providers`, '/'],
    ['/%73ign-in/provider/one/connect', '/'],
    ['/x/../sign-in/provider/one/connect', '/'],
    ['/x/%2e%2e/sign-in/provider/one/connect', '/'],
    ['/./sign-in/provider/one/connect', '/'],
    ['/a/%2e./%2e%2e/', '/'],
    ['/sign-in', '/'],
    ['/sign-inn', '/sign-inn'],
    ['//evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['https://evil.example', '/'],
  ];
  for (const [asked, goesOn] of table) assert.equal(portalReturn(asked), goesOn, asked);
});
