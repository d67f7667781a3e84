import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REQUEST_HEADS, type RequestDetail, requestCells, requestQuery, requestText } from './request-text.ts';

const request: RequestDetail = {
  ...{ id: 'req_1', requestId: 'q-1', unixMs: 0, resourceId: 'res', resourceName: 'Wiki', popId: 'pop' },
  ...{ popName: 'paris', method: 'GET', host: 'wiki.example', path: '/a?b=…', protocol: 'HTTP/2.0', status: 403 },
  ...{ outcome: 'denied', reason: 'rule-denied', ruleId: 'r', ruleName: 'Nobody', policy: 'resource', subject: null },
  ...{
    address: '192.0.2.1',
    country: 'NL',
    agent: 'curl',
    bytesIn: null,
    bytesOut: 0,
    way: null,
    traceId: 'ab',
    isCaptured: false,
  },
  ...{ targetId: null, retries: 0, replayOf: null },
  stageMs: { judge: 0.25, way: null, backend: null, total: 12 },
  names: { connector: null, site: null, relayPop: null, target: null },
  rules: [{ scope: 'resource', ruleId: 'r', ruleName: 'Nobody', effect: 'decided' }],
};

test('a request has a cell for each head, and is told in words', () => {
  assert.equal(requestCells(request).length, REQUEST_HEADS.length);
  const text = requestText(request);
  for (const part of [
    'nobody who is signed in',
    'denied 403, rule-denied',
    'Nobody (of the resource)',
    '12 ms',
    'paris > to no target',
  ])
    assert.ok(text.includes(part), text);
});

test('what a stranger sent moves no cursor of whoever looks at it', () => {
  const hostile = '\u001b[2J\u009b2J\u202e\r\n';
  const said = { method: hostile, host: hostile, path: hostile, agent: hostile, reason: hostile };
  const text = requestText({ ...request, ...said });
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e]/u);
  assert.equal(text.split('\n').length, requestText(request).split('\n').length, 'nor does it make lines of its own');
});

test('a filter is asked as the API reads it', () => {
  const table: [...Parameters<typeof requestQuery>, query: object][] = [
    [{}, 10_000_000, {}],
    [{ pop: 'p', status: '5xx' }, 10_000_000, { popId: 'p', status: '5xx' }],
    [{ since: '1h', resourceId: 'res' }, 10_000_000, { sinceUnixMs: 6_400_000, resourceId: 'res' }],
  ];
  for (const [filter, nowUnixMs, query] of table) assert.deepEqual(requestQuery(filter, nowUnixMs), query);
});
