/** Names that people choose, in mails to others: they are text, in one direction, and no link. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alertLetter } from '../notices/alert-letter.ts';
import { type Letter, renderLetter } from './letter.ts';
import * as texts from './texts.ts';

const NAMES: readonly [what: string, name: string][] = [
  ['a script', '"><script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['a header of its own', 'x\r\nBcc: all@example.org\r\n\r\nhello'],
  ['a link', 'Your account is locked, see https://evil.example/unlock'],
  ['a name that programs make a link of', 'evil.example'],
  ['another of them', 'www.evil.example'],
  ['an address', 'mailto:eve@evil.example'],
  ['a script as a link', 'javascript:alert(1)'],
  ['text that runs backwards', 'invoice \u202eelpmaxe.live//:sptth'],
];
const URL = 'https://manis.example/secret';

const lettersOf = (name: string): [string, Letter][] => [
  ['test', texts.testLetter(name)],
  ['code', texts.codeLetter(name, '123456', name)],
  ['reset', texts.resetLetter(name, URL)],
  ['invitation', texts.invitationLetter(name, name, URL)],
  ['password', texts.passwordLetter(name)],
  ['factor', texts.factorLetter(name, 'passkey', name)],
  ['new device', texts.newDeviceLetter(name, { device: name, clientAddress: '192.0.2.1', at: 'Monday' })],
  ...(['raised', 'recovered'] as const).flatMap((state) =>
    ['site', 'pop', 'target', 'certificate', 'another'].map((kind): [string, Letter] => {
      const condition = { kind, subject_id: 's', name, reason: kind === 'site' ? 'no-tunnel' : name, since_unix_ms: 0 };
      return [`alert: ${kind} ${state}`, alertLetter(name, name, { state, condition }, URL)];
    }),
  ),
];

test('a name in a mail looks like itself', () => {
  const condition = { kind: 'site', subject_id: 's', name: 'Berlin 2, rear', reason: 'no-tunnel', since_unix_ms: 0 };
  const said = alertLetter('Acme', 'Sites', { state: 'raised', condition }, URL);
  assert.equal(said.subject, 'Berlin 2, rear has no tunnel to any PoP');
  const named = alertLetter(
    'Acme',
    'Sites',
    { state: 'raised', condition: { ...condition, name: 'evil.example' } },
    URL,
  );
  assert.equal(named.subject.replaceAll('\u2060', ''), 'evil.example has no tunnel to any PoP');
  assert.notEqual(named.subject, 'evil.example has no tunnel to any PoP');
});

describe('a mail has no', () => {
  for (const [what, name] of NAMES)
    test(what, () => {
      for (const [which, letter] of lettersOf(name)) {
        const { subject, text, html } = renderLetter(letter);
        assert.doesNotMatch(html, /<script|<img|onerror=(?!alert\(1\)&gt;)/i, which);
        assert.doesNotMatch(subject, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u, which);
        assert.doesNotMatch(`${text}${html}`.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u, which);
        const links = `${subject}\n${text}\n${html}`.match(
          /(?:\w+:\/\/|www\.|mailto:|javascript:)[^\s"<\u2060]+|\w+\.example/g,
        );
        assert.deepEqual(
          [...new Set(links)].filter((link) => !URL.startsWith(link) && link !== 'manis.example'),
          [],
          which,
        );
      }
    });
});
