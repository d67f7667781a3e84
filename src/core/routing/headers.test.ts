import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IpAddress, PrefixTrie, parseIpAddress, parsePrefix } from '../../base/index.ts';
import { MAXIMUM_IDENTITY_VALUE_LENGTH } from './constants.ts';
import { clientChain, encodeIdentityValue, forwardingFields, identityFields } from './forwarded.ts';
import { verdictOn } from './header-names.ts';
import {
  faultInRequestHead,
  fieldsWithout,
  fieldValue,
  rewriteRequestFields,
  rewriteResponseFields,
} from './headers.ts';

const address = (text: string): IpAddress => parseIpAddress(text) ?? assert.fail(text);
const rewrite = (raw: string[]) => rewriteRequestFields(raw, { host: 'backend', cookie: undefined, append: [] });
const never = () => false;

test('identity fields do not pass in any spelling', () => {
  const names = [
    ...[
      'X-Forwarded-For',
      'x-forwarded-for',
      'X_Forwarded_For',
      'x-forwarded_for',
      'X.Forwarded.For',
      'X-FORWARDED-FOR',
    ],
    ...[
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Forwarded-Prefix',
      'X-Forwarded-Anything',
      'X-Forwarded',
      'Forwarded',
    ],
    ...['X-Real-IP', 'X_Real_Ip', 'True-Client-IP', 'CF-Connecting-IP', 'Client-IP', 'X-Original-URL', 'X-Rewrite-URL'],
    ...['Remote-User', 'REMOTE_USER', 'remote_user', 'Remote.User', 'Remote-Email', 'Remote-Groups', 'Remote-Name'],
    ...['X-Manis-Assertion', 'x_manis_assertion', 'X-Manis-Anything', 'X-Remote-User', 'X~Manis~Assertion'],
    ...['X-Auth-Request-User', 'X-Authentik-Username', 'X-Pomerium-Claim-Email', 'X-Goog-IAP-JWT-Assertion'],
    ...['X-Goog-Authenticated-User-Email', 'X-Amzn-Oidc-Identity', 'X-MS-Client-Principal-Name', 'X-WebAuth-Email'],
    ...['CF-Access-Authenticated-User-Email', 'Tailscale-User-Login', 'SSL_Client_Verify', 'X-SSL-Client-S-DN'],
    ...['X-Client-Cert', 'Client-Cert', 'client_cert_chain', 'CF-Connecting-IPv6', 'Proxy'],
    ...['X-HTTP-Method-Override', 'x_http_method_override', 'X-HTTP-Method', 'X-Method-Override'],
  ];
  for (const name of names) {
    assert.equal(verdictOn(name), 'identity', name);
    assert.deepEqual(rewrite([name, 'evil', 'Accept', '*/*']), {
      fields: ['Host', 'backend', 'Accept', '*/*'],
      scrubbed: 1,
    });
  }
});

test('what some backends believe of a front does not pass in any spelling', () => {
  const names = [
    ...['X-Remote-Group', 'X-Remote-Extra-Scopes', 'X-Vouch-User', 'X-Consumer-Username', 'X-Envoy-Original-Path'],
    ...['X-Middleware-Subrequest', 'SCRIPT_NAME', 'X-Script-Name', 'X-Endpoint-API-UserInfo', 'X_ARR_ClientCert'],
  ];
  for (const name of names) {
    assert.equal(verdictOn(name), 'believed', name);
    assert.deepEqual(rewrite([name, 'evil']), { fields: ['Host', 'backend'], scrubbed: 1 });
  }
  for (const name of ['X-Envoy-Upstream-Rq-Timeout-Ms', 'X-Remote-Control', 'X-Appengine-Country'])
    assert.equal(verdictOn(name), 'keep', name);
});

test('second spellings of fields that count do not pass', () => {
  const twins = ['Content_Length', 'Transfer_Encoding', 'content.type', 'Sec_WebSocket_Key', 'Proxy_Authorization'];
  for (const name of twins) assert.equal(verdictOn(name), 'twin', name);
  for (const name of ['Content-Length', 'authorization', 'X_Custom', 'Coo_kie', 'X-Auth-Token', 'Proxy-Status'])
    assert.equal(verdictOn(name), 'keep', name);
  const raw = ['Content_Length', '5', 'Transfer_Encoding', 'chunked'];
  assert.deepEqual(rewrite(raw), { fields: ['Host', 'backend'], scrubbed: 2 });
});

test('fields of this connection do not pass, nor those that Connection lists', () => {
  const raw = [
    ...['Host', 'public', 'Connection', 'keep-alive, X-Secret ,upgrade', 'Keep-Alive', 'timeout=5', 'X-Secret', 's'],
    ...['TE', 'trailers', 'Transfer-Encoding', 'chunked', 'Upgrade', 'websocket', 'Proxy-Authorization', 'Basic x'],
    ...['Proxy-Connection', 'close', 'HTTP2-Settings', 'AAMA', 'x-secret', 't', 'X-Kept', 'k', 'Trailer', 'X-T'],
  ];
  assert.deepEqual(rewrite(raw).fields, ['Host', 'backend', 'X-Kept', 'k', 'Trailer', 'X-T']);
});

test('Connection cannot take away what a message means or what Manis writes', () => {
  const listed = 'close, Content-Length, Host, Authorization, Cookie, X-Manis-Assertion, Remote-User, X-Forwarded-For';
  const raw = ['Connection', listed, 'Content-Length', '3', 'Authorization', 'Bearer x', 'Cookie', 'a=1'];
  const append = [
    ['X-Forwarded-For', '192.0.2.1'],
    ['Remote-User', 'ann', 'X-Manis-Assertion', 'jwt'],
  ];
  const { fields } = rewriteRequestFields(raw, { host: 'backend', cookie: 'a=1', append });
  assert.deepEqual(fields, [
    ...['Host', 'backend', 'Content-Length', '3', 'Authorization', 'Bearer x', 'Cookie', 'a=1'],
    ...['X-Forwarded-For', '192.0.2.1', 'Remote-User', 'ann', 'X-Manis-Assertion', 'jwt'],
  ]);
});

test('the trace is passed on as it came, or as the plan has it', () => {
  const raw = ['TraceParent', 'theirs', 'tracestate', 'a=1'];
  assert.deepEqual(rewrite(raw).fields, ['Host', 'backend', ...raw]);
  const { fields } = rewriteRequestFields(raw, { host: 'b', cookie: undefined, append: [], traceparent: 'ours' });
  assert.deepEqual(fields, ['Host', 'b', 'tracestate', 'a=1', 'traceparent', 'ours']);
});

test('an upgrade that the caller agrees to is written anew', () => {
  const raw = ['Connection', 'Upgrade', 'Upgrade', 'websocket, h2c', 'Sec-WebSocket-Key', 'x'];
  const { fields } = rewriteRequestFields(raw, { host: 'b', cookie: undefined, upgrade: 'websocket', append: [] });
  assert.deepEqual(fields, ['Host', 'b', 'Sec-WebSocket-Key', 'x', 'Connection', 'Upgrade', 'Upgrade', 'websocket']);
});

test('responses: fields of the connection and forbidden cookies go, the rest stays in order', () => {
  const raw = [
    ...['Content-Type', 'text/html', 'Connection', 'X-Hop', 'X-Hop', '1', 'Set-Cookie', 'a=1', 'set-cookie', 'bad=1'],
    ...['Transfer-Encoding', 'chunked', 'Host', 'odd', 'Content_Length', '4', 'X-Frame-Options', 'DENY'],
  ];
  const result = rewriteResponseFields(raw, (value) => value.startsWith('bad'));
  assert.deepEqual(result.fields, [
    ...['Content-Type', 'text/html', 'Set-Cookie', 'a=1', 'Host', 'odd', 'X-Frame-Options', 'DENY'],
  ]);
  assert.equal(result.scrubbed, 1);
  assert.deepEqual(rewriteResponseFields(['Upgrade', 'x'], never, 'websocket').fields, [
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
  ]);
});

test('responses: a backend does not speak for Manis', () => {
  const raw = ['X-Manis-Request-Id', 'forged', 'x_manis_assertion', 'x', 'X-Manisa', 'kept', 'X-Forwarded-For', 'kept'];
  assert.deepEqual(rewriteResponseFields(raw, never), {
    fields: ['X-Manisa', 'kept', 'X-Forwarded-For', 'kept'],
    scrubbed: 2,
  });
});

test('whatever is sent, no spelling of an identity field reaches the backend but our own', () => {
  const base = fc.constantFrom(
    'x-forwarded-for',
    'remote-user',
    'x-manis-assertion',
    'forwarded',
    'x-real-ip',
    'accept',
  );
  const spelt = fc.tuple(base, fc.infiniteStream(fc.nat(5))).map(([name, stream]) =>
    name.replace(/./g, (character) => {
      const choice = stream.next().value;
      if (character === '-') return ['-', '_', '.', '~', '-', '_'][choice] ?? '-';
      return choice < 3 ? character.toUpperCase() : character;
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(spelt, fc.string({ minLength: 1, maxLength: 12 })), fc.string())),
      (pairs) => {
        const plan = { host: 'b', cookie: undefined, append: [['Remote-User', 'ann']] };
        const { fields } = rewriteRequestFields(pairs.flat(), plan);
        const names = fields.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-'));
        assert.deepEqual(
          names.filter((name) => /^(x-forwarded-for|remote-user|x-manis-assertion|forwarded|x-real-ip)$/.test(name)),
          ['remote-user'],
        );
        assert.equal(names.filter((name) => name === 'host').length, 1);
      },
    ),
  );
});

test('heads that two readers could understand in two ways are refused', () => {
  const table: [raw: string[], reason: string | undefined][] = [
    [['Host', 'a'], undefined],
    [[], 'host-missing'],
    [['Host', 'a', 'host', 'a'], 'host-duplicated'],
    [['Host', 'a', 'Content-Length', '1', 'content-length', '1'], 'content-length-duplicated'],
    [['Host', 'a', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'], 'framing-conflict'],
    [['Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'x'], 'framing-conflict'],
  ];
  for (const [raw, reason] of table) assert.equal(faultInRequestHead(raw), reason, raw.join());
});

test('values of a field that comes several times are joined', () => {
  assert.equal(fieldValue(['Cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'], 'cookie', '; '), 'a=1; b=2');
  assert.equal(fieldValue(['x', 'y'], 'cookie'), undefined);
});

test('where a request came from, for the backend', () => {
  const chain = [address('2001:db8::7'), address('192.0.2.9')];
  assert.deepEqual(forwardingFields({ chain, scheme: 'https', host: 'app.example.org:8443', port: 8443 }), [
    ...['X-Forwarded-For', '2001:db8::7, 192.0.2.9', 'X-Forwarded-Proto', 'https'],
    ...['X-Forwarded-Host', 'app.example.org:8443', 'X-Forwarded-Port', '8443', 'X-Real-IP', '2001:db8::7'],
    ...['Forwarded', 'for="[2001:db8::7]";host="app.example.org:8443";proto=https, for=192.0.2.9'],
  ]);
});

test('identity values are safe and can be read back', () => {
  const table: [text: string, encoded: string][] = [
    ['ann@example.org', 'ann@example.org'],
    ['Ann Smith', 'Ann Smith'],
    ['José', 'Jos%C3%A9'],
    ['a\r\nX-Admin: 1', 'a%0D%0AX-Admin: 1'],
    ['100%', '100%25'],
    [' a ', '%20a%20'],
    ['\0', '%00'],
    ['x'.repeat(MAXIMUM_IDENTITY_VALUE_LENGTH + 1), ''],
  ];
  for (const [text, encoded] of table) assert.equal(encodeIdentityValue(text), encoded);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeIdentityValue(text);
      assert.match(encoded, /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
      assert.equal(decodeURIComponent(encoded), text);
    }),
  );
  assert.deepEqual(identityFields({ user: 'u', email: 'e', name: 'É', groups: ['a,b', 'c'] }), [
    ...['Remote-User', 'u', 'Remote-Email', 'e', 'Remote-Name', '%C3%89', 'Remote-Groups', 'a%2Cb,c'],
  ]);
  assert.deepEqual(identityFields({ user: 'u', groups: [] }), ['Remote-User', 'u']);
});

test('groups that do not fit are left out whole', () => {
  const groups = Array.from({ length: 1_000 }, (_, i) => `group-${i}`);
  const joined = identityFields({ user: 'u', groups }).at(-1) ?? '';
  assert.ok(joined.length <= MAXIMUM_IDENTITY_VALUE_LENGTH);
  assert.deepEqual(joined.split(','), groups.slice(0, joined.split(',').length));
});

test('the client is whom the trusted proxies name, and nobody else’s word counts', () => {
  const trusted = new PrefixTrie<true>();
  for (const text of ['10.0.0.0/8', '2001:db8:ffff::/48']) trusted.set(parsePrefix(text) ?? assert.fail(), true);
  const table: [peer: string, forwardedFor: string | undefined, chain: string | undefined][] = [
    ['203.0.113.5', undefined, '203.0.113.5'],
    ['203.0.113.5', '1.2.3.4', '203.0.113.5'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '203.0.113.5', '203.0.113.5 10.0.0.1'],
    ['::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5 10.0.0.1'],
    ['10.0.0.1', '127.0.0.1, 203.0.113.5, 10.0.0.2', '203.0.113.5 10.0.0.2 10.0.0.1'],
    ['10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3 10.0.0.2 10.0.0.1'],
    ['10.0.0.1', '203.0.113.5:4711', '203.0.113.5 10.0.0.1'],
    ['2001:db8:ffff::1', '[2001:db8::9]:80', '2001:db8::9 2001:db8:ffff::1'],
    ['10.0.0.1', '[2001:db8::9]', '2001:db8::9 10.0.0.1'],
    ['10.0.0.1', 'unknown', undefined],
    ['10.0.0.1', '203.0.113.5, ', undefined],
    ['10.0.0.1', '', undefined],
    ['10.0.0.1', 'garbage, 203.0.113.5', '203.0.113.5 10.0.0.1'],
  ];
  for (const [peer, forwardedFor, expected] of table) {
    const chain = clientChain(address(peer), forwardedFor, trusted);
    assert.equal(chain?.map((one) => one.text).join(' '), expected, `${peer} ${forwardedFor}`);
  }
});

test('fields go by their names in any spelling, and the others keep theirs', () => {
  const fields = ['ETag', '"1"', 'X-One', 'a', 'etag', '"2"', 'x-one', 'b'];
  assert.deepEqual(
    fieldsWithout(fields, (name) => name === 'etag'),
    ['X-One', 'a', 'x-one', 'b'],
  );
  assert.deepEqual(
    fieldsWithout([], () => true),
    [],
  );
});
