import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type NormalisedTarget, normaliseTarget } from '../policy/index.ts';
import type { ForwardAction } from './model.ts';
import { parseHttpSettings } from './parse.ts';
import { compileRewrite } from './rewrite.ts';

const normal = (raw: string): NormalisedTarget => {
  const target = normaliseTarget(raw);
  if (typeof target === 'string') throw new Error(`${raw}: ${target}`);
  return target;
};

const WHO = { 'user.id': 'ada/../root', 'user.email': 'a@b' } as Readonly<Record<string, string>>;
const look = (name: string): string => WHO[name] ?? '';

function rewritten(action: ForwardAction, raw: string): string {
  const result = compileRewrite(action)?.(normal(raw), look);
  return typeof result === 'object' ? result.path + result.query : String(result);
}

const CASES: readonly (readonly [action: ForwardAction, raw: string, result: string])[] = [
  [{ stripPrefix: '/a' }, '/a', '/'],
  [{ stripPrefix: '/a/' }, '/a/', '/'],
  [{ stripPrefix: '/a/b' }, '/a/b/c/', '/c/'],
  [{ stripPrefix: '/a' }, '/ab', 'rewrite-no-match'],
  [{ stripPrefix: '/é' }, '/%c3%a9/%20x?q#'.replace('#', ''), '/%20x?q'],
  [{ replacePrefix: { prefix: '/', with: '/base' } }, '/x/', '/base/x/'],
  [{ replacePrefix: { prefix: '/a', with: '/b c/' } }, '/a', '/b%20c/'],
  [{ replaceRegex: { regex: '^/(a*)(a*)$', with: '/{1}/{2}' } }, '/aaa', '/aaa/'],
  [{ replaceRegex: { regex: '^/(a*?)(a*)$', with: '/{1}/{2}' } }, '/aaa', '/aaa'],
  [{ replaceRegex: { regex: '^/((?:b|c)+)/(x|xy)(y?)$', with: '/{3}/{2}/{1}' } }, '/bc/xy', '/y/x/bc'],
  [{ replaceRegex: { regex: '^/(.*)$', with: '/p?path={1}&by={user.email}' } }, '/a/b?c=d', '/p?path=a%2Fb&by=a%40b'],
  [{ replaceRegex: { regex: '^/(.*)$', with: '/{1}' } }, '/caf%C3%A9/%25', '/caf%C3%A9/%25'],
  [{ replaceRegex: { regex: '^/(.*)$', with: '/{user.id}/{1}' } }, '/x', 'rewrite-unsafe'],
  [{ replaceRegex: { regex: '^/(.*)$', with: '/{user.name}/{1}' } }, '/x', 'rewrite-empty-value'],
  [{ replaceRegex: { regex: '^/(.)x(.*)$', with: '/%{1}{2}' } }, '/2xe', 'rewrite-unsafe'],
  [{ replaceRegex: { regex: '^/x(.*)$', with: '/{1}' } }, '/x..', 'rewrite-unsafe'],
  [{ replaceRegex: { regex: '^/x(.*)$', with: '/a{1}' } }, '/x/%5b', '/a/%5B'],
];

describe('a path is rewritten', () => {
  for (const [action, raw, result] of CASES)
    test(`${JSON.stringify(action)}: ${raw} becomes ${result}`, () => assert.equal(rewritten(action, raw), result));

  test('in one pass, whatever the expression', () => {
    const action = { replaceRegex: { regex: '^/(a*)*(b*)*(a|b)*$', with: '/{1}' } };
    assert.equal(rewritten(action, `/${'ab'.repeat(4_000)}c`), 'rewrite-no-match');
  });
});

const NASTY = [
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%25',
  '2e',
  '%252e',
  '/',
  '//',
  ';',
  'a',
  'b',
  'é',
  '%C3%A9',
  '%2F',
  '\\',
  ' ',
  '?',
  '%00',
  '...',
  '{',
  '}',
  '%7B',
];
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join(''));
const actions: fc.Arbitrary<ForwardAction> = fc.oneof(
  nasty.map((text) => ({ stripPrefix: `/${text}` })),
  fc.tuple(nasty, nasty).map(([prefix, to]) => ({ replacePrefix: { prefix: `/${prefix}`, with: `/${to}` } })),
  fc
    .tuple(fc.constantFrom('^/(.*)$', '^/(.)(.*)$', '^/?(.*?)/?(.*)$', '^(.*)a(.*)$'), nasty, nasty)
    .map(([regex, one, two]) => ({ replaceRegex: { regex, with: `/${one}{1}${two}` } })),
);

test('nothing that a settings file may say makes a target that the normaliser would change or refuse', () => {
  let tried = 0;
  fc.assert(
    fc.property(actions, nasty, (action, raw) => {
      if (!parseHttpSettings({ routes: [{ name: 'a', forward: action }] }).ok) return;
      const target = normaliseTarget(`/${raw}`);
      if (typeof target === 'string') return;
      const result = compileRewrite(action)?.(target, look);
      if (typeof result !== 'object') return;
      tried++;
      const again = normaliseTarget(result.path + result.query);
      assert.equal(typeof again === 'string' ? again : again.path, result.path);
      assert.ok(!/(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(result.path), result.path);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(tried > 200, `only ${tried} came that far`);
});

test('two spellings of a path never part', () => {
  fc.assert(
    fc.property(actions, nasty, (action, raw) => {
      if (!parseHttpSettings({ routes: [{ name: 'a', forward: action }] }).ok) return;
      const one = normaliseTarget(`/${raw}`);
      if (typeof one === 'string') return;
      const other = normaliseTarget(`/.${one.path.replaceAll('a', '%61')}${one.query}`);
      if (typeof other === 'string') return;
      const rewrite = compileRewrite(action);
      assert.deepEqual(rewrite?.(one, look), rewrite?.(other, look));
    }),
    { numRuns: 10_000 },
  );
});
