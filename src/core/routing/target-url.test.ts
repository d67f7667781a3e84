import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTargetUrl, parseTargetUrl } from './target-url.ts';

/** A URL, and what it is written as when it is read. */
const GOOD: readonly (readonly [text: string, canonical: string])[] = [
  ['http://app', 'http://app:80'],
  ['https://app', 'https://app:443'],
  ['HTTP://App.Example:8080/', 'http://app.example:8080'],
  ['h2c://app:50051', 'h2c://app:50051'],
  ['h2://grpc.example', 'h2://grpc.example:443'],
  ['https://[2001:DB8::0001]:8443', 'https://[2001:db8::1]:8443'],
  ['http://10.0.0.1:3000', 'http://10.0.0.1:3000'],
  ['tcp://db:5432', 'tcp://db:5432'],
  ['udp://[::1]:53', 'udp://[::1]:53'],
  ['unix:/run/app.sock', 'unix:/run/app.sock'],
  ['unix:///run/app.sock', 'unix:/run/app.sock'],
  ['h2c+unix:/run/grpc.sock', 'h2c+unix:/run/grpc.sock'],
  ['https+unix:/run/Tls.sock', 'https+unix:/run/Tls.sock'],
];

const BAD: readonly string[] = [
  ...['', 'app', '//app', 'ftp://app', 'tcp://db', 'udp://db', 'http:app', 'http://', 'http:///app', 'http://:80'],
  ...['http://app/path', 'http://app?', 'http://app#', 'http://u:p@app', 'http://@app', 'http://a b', 'http://a\n'],
  ...['http://app:0', 'http://app:080', 'http://app:70000', 'http://app:x', 'http://app:', 'http://-app'],
  ...['http://0x7f.1', 'http://127.1', 'http://1.2.3.4.5', 'http://%61', 'http://\uff41', 'http://\u212apub'],
  ...['http://[::1', 'http://[::1]x', 'http://[127.0.0.1]', 'http://[fe80::1%eth0]', 'http://::1'],
  ...['unix:', 'unix:/', 'unix:run/app.sock', 'unix:/run/', 'unix:/a b', 'unix:/a\0b', `unix:/${'a'.repeat(103)}`],
  ...['tcp+unix:/run/a', 'unix+unix:/run/a', 'unix://host/run/a'],
  ...['unix:/run/../a', 'unix:/run/./a', 'unix:/run//a', 'unix:/run/..', 'unix:/run/.'],
];

for (const [text, canonical] of GOOD)
  test(`${text} is a target`, () => {
    const parsed = parseTargetUrl(text);
    assert.ok(parsed);
    assert.equal(formatTargetUrl(parsed), canonical);
    assert.deepEqual(parseTargetUrl(canonical), parsed, 'it is read as it is written');
  });

for (const text of BAD)
  test(`${JSON.stringify(text.slice(0, 40))} is none`, () => assert.equal(parseTargetUrl(text), undefined));
