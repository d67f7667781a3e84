/** What each condition of a policy means, said again as simply as can be, with conditions and requests to compare them on. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseIpAddress } from '../base/index.ts';
import {
  type Leaf,
  type NamedLists,
  normaliseTarget,
  type PolicyContext,
  plainContext,
  type Subject,
} from '../core/policy/index.ts';

/** `until` signed in. */
export type NaiveValue = boolean | 'unknown' | 'until';
type Says = (context: PolicyContext, subject: Subject | undefined) => NaiveValue;

interface Case {
  readonly leaf: Leaf;
  readonly says: Says;
}

const ofSubject =
  (says: (subject: Subject, nowUnixMs: number) => boolean): Says =>
  ({ nowUnixMs }, subject) =>
    subject ? says(subject, nowUnixMs) : 'until';
const ofPlace =
  (key: 'country' | 'continent' | 'asn', wanted: readonly (string | number)[]): Says =>
  ({ place }) => {
    const value = place?.[key];
    return value === undefined ? 'unknown' : wanted.includes(value);
  };

export const NAIVE_LISTS: NamedLists = {
  office: { kind: 'addresses', entries: ['10.1.0.0/16', 'fd00::1'] },
  near: { kind: 'countries', entries: ['DE', 'FR'] },
  carriers: { kind: 'asns', entries: [64500] },
  partners: { kind: 'emails', entries: ['*@example.org'] },
  friends: { kind: 'users', entries: ['ann'] },
};
const inOffice: Says = ({ clientAddress }) =>
  clientAddress ? clientAddress.text.startsWith('10.1.') || clientAddress.text === 'fd00::1' : 'unknown';
const isPartner: Says = ofSubject(({ email }) => email.endsWith('@example.org'));

const PATHS: readonly (readonly [Leaf & { path: unknown }, RegExp])[] = [
  [{ path: { prefix: '/' } }, /^/],
  [{ path: { prefix: '/a' } }, /^\/a(\/|$)/],
  [{ path: { prefix: '/B', ignoreCase: true } }, /^\/b(\/|$)/i],
  [{ path: { exact: '/a/x' } }, /^\/a\/x$/],
  [{ path: { exact: '/A', ignoreCase: true } }, /^\/a$/i],
  [{ path: { glob: '/*/x' } }, /^\/[^/]*\/x$/],
  [{ path: { glob: '/**/a' } }, /^(\/[^/]*)*\/a$/],
  [{ path: { glob: '/a?' } }, /^\/a[^/]$/],
  [{ path: { regex: '^/(a|b)(/.*)?$' } }, /^\/(a|b)(\/.*)?$/s],
  [{ path: { regex: '^/[^A]+$', ignoreCase: true } }, /^\/[^a]+$/is],
];

/** One of each, with its meaning. */
const CASES: readonly Case[] = [
  { leaf: { user: ['ann', 'bob'] }, says: ofSubject(({ userId }) => userId === 'ann' || userId === 'bob') },
  { leaf: { role: ['staff'] }, says: ofSubject(({ roles }) => roles.includes('staff')) },
  { leaf: { role: ['admin', 'staff'] }, says: ofSubject(({ roles }) => roles.some((name) => name !== 'guest')) },
  { leaf: { group: ['berlin'] }, says: ofSubject(({ groups }) => groups.includes('berlin')) },
  { leaf: { email: ['*@example.org'] }, says: isPartner },
  { leaf: { email: ['EVE@example.com'] }, says: ofSubject(({ email }) => email === 'eve@example.com') },
  { leaf: { identityProvider: ['corporate'] }, says: ofSubject(({ providerId }) => providerId === 'corporate') },
  {
    leaf: { loginMethod: ['passkey', 'pin'] },
    says: ofSubject(({ methods }) => methods.includes('passkey') || methods.includes('pin')),
  },
  { leaf: { mfa: true }, says: ofSubject(({ mfa }) => mfa) },
  {
    leaf: { mfa: { maximumAgeMs: 100 } },
    says: ofSubject(
      ({ mfa, mfaAtUnixMs, authenticatedAtUnixMs }, now) => mfa && now - 100 <= (mfaAtUnixMs ?? authenticatedAtUnixMs),
    ),
  },
  {
    leaf: { sessionAge: { maximumMs: 500 } },
    says: ofSubject(({ authenticatedAtUnixMs }, now) => now - 500 <= authenticatedAtUnixMs),
  },
  { leaf: { knownDevice: 'known' }, says: ofSubject(({ device }) => device?.known ?? false) },
  { leaf: { knownDevice: 'approved' }, says: ofSubject(({ device }) => (device?.known && device.approved) ?? false) },
  { leaf: { method: ['GET', 'PUT'] }, says: ({ method }) => method !== 'HEAD' },
  { leaf: { method: ['PUT'] }, says: ({ method }) => method === 'PUT' },
  { leaf: { header: { name: 'x-team' } }, says: (context) => context.header('x-team') !== undefined },
  { leaf: { header: { name: 'x-team', values: ['blue'] } }, says: (context) => context.header('x-team') === 'blue' },
  {
    leaf: { ip: ['private'] },
    says: ({ clientAddress }) => (clientAddress ? /^(10\.|fd00:)/.test(clientAddress.text) : 'unknown'),
  },
  {
    leaf: { ip: ['10.1.0.0/16', '192.0.2.1'] },
    says: ({ clientAddress }) => (clientAddress ? /^(10\.1\.|192\.0\.2\.1$)/.test(clientAddress.text) : 'unknown'),
  },
  {
    leaf: { recentSignIn: { withinMs: 1_000 } },
    says: ({ recentSignIns, nowUnixMs }) =>
      recentSignIns ? recentSignIns.some((one) => one.authenticatedAtUnixMs >= nowUnixMs - 1_000) : 'unknown',
  },
  {
    leaf: { recentSignIn: { withinMs: 1_000, roles: ['staff'] } },
    says: ({ recentSignIns, nowUnixMs }) =>
      recentSignIns?.some((one) => one.authenticatedAtUnixMs >= nowUnixMs - 1_000 && one.roles.includes('staff')) ??
      'unknown',
  },
  { leaf: { country: ['DE', 'FR'] }, says: ofPlace('country', ['DE', 'FR']) },
  { leaf: { continent: ['EU'] }, says: ofPlace('continent', ['EU']) },
  { leaf: { asn: [64500, 64501] }, says: ofPlace('asn', [64500, 64501]) },
  { leaf: { list: ['office'] }, says: inOffice },
  { leaf: { list: ['near'] }, says: ofPlace('country', ['DE', 'FR']) },
  { leaf: { list: ['carriers'] }, says: ofPlace('asn', [64500]) },
  { leaf: { list: ['partners'] }, says: isPartner },
  { leaf: { list: ['friends'] }, says: ofSubject(({ userId }) => userId === 'ann') },
  { leaf: { list: ['missing'] }, says: () => 'unknown' },
  {
    leaf: { device: { os: ['windows', 'linux'] } },
    says: ({ device: { os } }) => (os === undefined ? 'unknown' : os !== 'ios'),
  },
  {
    leaf: { device: { kind: ['phone'], os: ['ios'] } },
    says({ device: { kind, os } }) {
      if ((kind !== undefined && kind !== 'phone') || (os !== undefined && os !== 'ios')) return false;
      return kind === undefined || os === undefined ? 'unknown' : true;
    },
  },
  { leaf: { certificate: true }, says: ({ certificate }) => certificate !== undefined },
  {
    leaf: { certificate: { commonNames: ['laptop'], emails: ['*@example.org'] } },
    says: ({ certificate }) =>
      certificate?.commonName === 'laptop' && certificate.emails.some((email) => email.endsWith('@example.org')),
  },
  {
    leaf: { time: { days: ['sunday', 'monday'], from: '01:30', to: '03:30', zone: 'Europe/Berlin' } },
    says({ nowUnixMs }) {
      const { weekday, minutes } = inBerlin(nowUnixMs);
      return (weekday === 'Sun' || weekday === 'Mon') && minutes >= 90 && minutes < 210;
    },
  },
  {
    leaf: { time: { days: ['saturday'], from: '22:00', to: '02:30', zone: 'Europe/Berlin' } },
    says({ nowUnixMs }) {
      const { weekday, minutes } = inBerlin(nowUnixMs);
      return (weekday === 'Sat' && minutes >= 22 * 60) || (weekday === 'Sun' && minutes < 150);
    },
  },
  {
    leaf: { date: { from: '2026-03-29', to: '2026-10-25T02:30', zone: 'UTC' } },
    says: ({ nowUnixMs }) =>
      nowUnixMs >= Date.parse('2026-03-29T00:00:00Z') && nowUnixMs < Date.parse('2026-10-25T02:31:00Z'),
  },
  ...PATHS.map(([leaf, pattern]): Case => ({ leaf, says: ({ target }) => onPath(target.plainPath, pattern) })),
];

const BERLIN = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
} as Intl.DateTimeFormatOptions);

function inBerlin(unixMs: number): { weekday: string; minutes: number } {
  const parts = new Map(BERLIN.formatToParts(unixMs).map(({ type, value }) => [type as string, value]));
  return { weekday: parts.get('weekday') ?? '', minutes: 60 * Number(parts.get('hour')) + Number(parts.get('minute')) };
}

/** Unknown where a backend that cuts parameters off would see it otherwise. */
function onPath(path: string, pattern: RegExp): NaiveValue {
  const cut = path
    .split('/')
    .slice(1)
    .map((segment) => segment.replace(/;.*/s, ''));
  const end = cut.at(-1) === '' ? '/' : '';
  const kept = cut.filter((segment) => segment !== '');
  const other = kept.length === 0 ? '/' : `/${kept.join('/')}${end}`;
  return pattern.test(path) === pattern.test(other) ? pattern.test(path) : 'unknown';
}

const MEANINGS = new Map<string, Says>(CASES.map(({ leaf, says }) => [JSON.stringify(leaf), says]));

export function naiveLeaf(leaf: Leaf, context: PolicyContext, subject: Subject | undefined): NaiveValue {
  const says = MEANINGS.get(JSON.stringify(leaf));
  assert.ok(says, `nobody said what ${JSON.stringify(leaf)} means`);
  return says(context, subject);
}

export const anyLeaf: fc.Arbitrary<Leaf> = fc.constantFrom(...CASES.map(({ leaf }) => leaf));
/** The names of all criteria that are tried. */
export const triedCriteria: ReadonlySet<string> = new Set(CASES.flatMap(({ leaf }) => Object.keys(leaf)));

const pick = <T>(...values: T[]) => fc.constantFrom(...values);

/** Around changes of the clocks in Berlin, midnights and ends of the windows above. */
const instant = pick(
  ...[
    '2026-03-29T00:29:59Z',
    '2026-03-29T00:30:00Z',
    '2026-03-29T00:59:59Z',
    '2026-03-29T01:00:00Z',
    '2026-03-29T01:30:00Z',
  ],
  ...[
    '2026-10-24T20:00:00Z',
    '2026-10-24T23:59:59Z',
    '2026-10-25T00:29:00Z',
    '2026-10-25T01:15:00Z',
    '2026-10-25T02:30:59Z',
  ],
  ...['2026-10-25T02:31:00Z', '2026-06-06T20:00:00Z', '2026-06-07T23:00:00Z', '2026-06-09T12:00:00Z'],
).map((text) => Date.parse(text));

function signIn(authenticatedAtUnixMs: number, roles: readonly string[]): Subject {
  const nobody = { userId: 'x', email: '', groups: [], methods: [], mfa: false };
  return { kind: 'user', ...nobody, roles, authenticatedAtUnixMs };
}

export const anyRequest: fc.Arbitrary<PolicyContext> = fc
  .record({
    address: pick(undefined, '10.1.2.3', '10.9.9.9', '192.0.2.1', 'fd00::1', '8.8.8.8'),
    path: pick('/', '/a', '/A', '/a/x', '/a;x', '/;x/a', '/b/;a', '/ab', '/c;/a', '/a/', '/b;/x', '/%61/b/x', '/B/y'),
    method: pick('GET', 'PUT', 'HEAD'),
    nowUnixMs: instant,
    place: pick(
      undefined,
      { country: 'DE', continent: 'EU' as const, asn: 64500 },
      { country: 'PE' },
      { asn: 64501 },
      { continent: 'EU' as const },
    ),
    device: pick(
      {},
      { os: 'ios' as const, kind: 'phone' as const },
      { os: 'linux' as const },
      { kind: 'desktop' as const },
    ),
    signedIn: pick(undefined, [], [500], [1_000, 2_000], [1_001]),
    team: pick(undefined, 'blue', 'red', ''),
    certificate: pick(
      undefined,
      { fingerprint: '', authorityId: 'ca', commonName: 'laptop', emails: ['ann@example.org'] },
      { fingerprint: '', authorityId: 'ca', commonName: 'laptop', emails: ['ann@example.com'] },
    ),
  })
  .map(({ address, path, team, signedIn, ...rest }) => {
    const target = normaliseTarget(path);
    assert.ok(typeof target !== 'string');
    const clientAddress = address === undefined ? undefined : parseIpAddress(address);
    const recentSignIns = signedIn?.map((ago, i) => signIn(rest.nowUnixMs - ago, i === 0 ? ['staff'] : []));
    return plainContext({
      ...rest,
      ...(recentSignIns && { recentSignIns }),
      target,
      clientAddress,
      header: (name) => (name === 'x-team' ? team : undefined),
    });
  });
