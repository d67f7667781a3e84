/** Every criterion of the API: how it is said in a sentence, how it is edited, and what it begins with. */

import { durationText } from '../../look/durations.ts';
import { TEXTS } from '../../texts/index.ts';
import type { Scope } from './policy-model.ts';

const texts = TEXTS.policies;

/** Where names to choose from come from. */
export type Options = 'roles' | 'groups' | 'users' | 'providers' | 'authorities' | 'lists' | 'countries';

/** An input; `key` is the field of the config, and empty where the config is the value itself. */
export type Field =
  | {
      readonly kind: 'texts';
      readonly key: string;
      readonly label: string;
      readonly hint?: string;
      readonly options?: Options;
      readonly isNumber?: boolean;
    }
  | {
      readonly kind: 'words';
      readonly key: string;
      readonly label: string;
      readonly words: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'one';
      readonly key: string;
      readonly label: string;
      readonly words: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'text';
      readonly key: string;
      readonly label: string;
      readonly hint?: string;
      readonly type?: 'time' | 'date';
    }
  | { readonly kind: 'zone'; readonly key: string; readonly label: string }
  | { readonly kind: 'duration'; readonly key: string; readonly label: string }
  | { readonly kind: 'path' };

/** Says an id as people know it. */
export type NameOf = (options: Options, id: string) => string;

export interface CriterionView {
  readonly label: string;
  readonly group: keyof typeof texts.criterionGroups;
  readonly start: () => unknown;
  readonly fields: readonly Field[];
  /** After "when". */
  readonly say: (config: never, nameOf: NameOf) => string;
  /** An object without keys is written as `true`. */
  readonly isTrueWhenEmpty?: boolean;
  /** Where the criterion may stand, if not everywhere. */
  readonly scopes?: readonly Scope[];
}

const REQUESTS: readonly Scope[] = ['organisation', 'resource'];
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const orList = new Intl.ListFormat('en', { type: 'disjunction' });

export function either(words: readonly unknown[]): string {
  const shown = words.slice(0, 5).map(String);
  return orList.format(words.length > 5 ? [...shown, `${words.length - 5} more`] : shown);
}

const named = (options: Options) => (ids: readonly string[], nameOf: NameOf) =>
  either(ids.map((id) => nameOf(options, id)));
const wordsOf = (words: Readonly<Record<string, string>>, chosen: readonly string[]) =>
  either(chosen.map((word) => words[word] ?? word));

function define<Config>(
  view: Omit<CriterionView, 'say'> & { readonly say: (config: Config, nameOf: NameOf) => string },
): CriterionView {
  return view as unknown as CriterionView;
}

const DEVICE = {
  kind: { desktop: 'a computer', phone: 'a phone', tablet: 'a tablet', tv: 'a television', bot: 'a bot' },
  os: { windows: 'Windows', macos: 'macOS', ios: 'iOS', android: 'Android', linux: 'Linux', chromeos: 'ChromeOS' },
  browser: { chrome: 'Chrome', edge: 'Edge', firefox: 'Firefox', safari: 'Safari', opera: 'Opera', samsung: 'Samsung' },
} as const;
export const DEVICE_WORDS = DEVICE;
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const PATH_SAYS = { exact: 'is', prefix: 'begins with', glob: 'looks like', regex: 'matches' } as const;

const WHO = {
  role: define<readonly string[]>({
    ...{ label: 'Role', group: 'who', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Roles', options: 'roles' }],
    say: (roles, nameOf) => `they have the role ${named('roles')(roles, nameOf)}`,
  }),
  group: define<readonly string[]>({
    ...{ label: 'Group', group: 'who', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Groups', options: 'groups' }],
    say: (groups, nameOf) => `they are in ${named('groups')(groups, nameOf)}`,
  }),
  user: define<readonly string[]>({
    ...{ label: 'Person', group: 'who', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'People', options: 'users' }],
    say: (users, nameOf) => `it is ${named('users')(users, nameOf)}`,
  }),
  email: define<readonly string[]>({
    ...{ label: 'Email address', group: 'who', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Addresses', hint: texts.emailsHint }],
    say: (emails) => `their address is ${either(emails)}`,
  }),
};

const HOW = {
  loginMethod: define<readonly string[]>({
    ...{ label: 'Way of signing in', group: 'how', start: () => ['passkey'] },
    fields: [{ kind: 'words', key: '', label: 'Ways', words: texts.methodNames }],
    say: (methods) => `they signed in with ${wordsOf(texts.methodNames, methods)}`,
  }),
  mfa: define<true | { maximumAgeMs?: number }>({
    ...{ label: 'Second factor', group: 'how', start: () => true, isTrueWhenEmpty: true },
    fields: [{ kind: 'duration', key: 'maximumAgeMs', label: 'Given at most this long ago (empty: ever)' }],
    say: (config) =>
      config === true || config.maximumAgeMs === undefined
        ? 'they gave a second factor'
        : `they gave a second factor in the last ${durationText(config.maximumAgeMs)}`,
  }),
  sessionAge: define<{ maximumMs: number }>({
    ...{ label: 'Age of the sign-in', group: 'how', start: () => ({ maximumMs: 3_600_000 }) },
    fields: [{ kind: 'duration', key: 'maximumMs', label: 'At most this long ago' }],
    say: ({ maximumMs }) => `they signed in within the last ${durationText(maximumMs)}`,
  }),
  identityProvider: define<readonly string[]>({
    ...{ label: 'Identity provider', group: 'how', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Providers', options: 'providers' }],
    say: (ids, nameOf) => `they come from ${named('providers')(ids, nameOf)}`,
  }),
  knownDevice: define<'known' | 'approved'>({
    ...{ label: 'Known device', group: 'how', start: () => 'known' },
    fields: [{ kind: 'one', key: '', label: 'Device', words: { known: 'known', approved: 'approved by somebody' } }],
    say: (wanted) => `their browser is ${wanted === 'known' ? 'a known device' : 'an approved device'}`,
  }),
  certificate: define<
    | true
    | {
        authorities?: readonly string[];
        commonNames?: readonly string[];
        emails?: readonly string[];
        fingerprints?: readonly string[];
      }
  >({
    ...{ label: 'Client certificate', group: 'how', start: () => true, isTrueWhenEmpty: true, scopes: REQUESTS },
    fields: [
      { kind: 'texts', key: 'authorities', label: 'Issued by', options: 'authorities' },
      { kind: 'texts', key: 'commonNames', label: 'Common names' },
      { kind: 'texts', key: 'emails', label: 'Email addresses in it' },
      { kind: 'texts', key: 'fingerprints', label: 'Fingerprints (SHA-256)' },
    ],
    say: (config, nameOf) => {
      if (config === true) return 'they show a client certificate that we trust';
      const { authorities, commonNames = [], emails = [], fingerprints } = config;
      const parts = [
        ...(authorities ? [`by ${named('authorities')(authorities, nameOf)}`] : []),
        ...([...commonNames, ...emails].length > 0 ? [`for ${either([...commonNames, ...emails])}`] : []),
        ...(fingerprints ? [`with one of ${fingerprints.length} fingerprints`] : []),
      ];
      return `they show a client certificate ${parts.join(' ')}`;
    },
  }),
  recentSignIn: define<{
    withinMs: number;
    users?: readonly string[];
    roles?: readonly string[];
    groups?: readonly string[];
  }>({
    ...{
      label: 'Recent sign-in from the address',
      group: 'how',
      start: () => ({ withinMs: 28_800_000 }),
      scopes: ['stream'],
    },
    fields: [
      { kind: 'duration', key: 'withinMs', label: 'At most this long ago' },
      { kind: 'texts', key: 'roles', label: 'By people with a role', options: 'roles' },
      { kind: 'texts', key: 'groups', label: 'By people in a group', options: 'groups' },
      { kind: 'texts', key: 'users', label: 'By these people', options: 'users' },
    ],
    say: ({ withinMs, roles = [], groups = [], users = [] }, nameOf) => {
      const of = [...roles, ...groups, ...users.map((id) => nameOf('users', id))];
      const whom = of.length === 0 ? 'a member' : either(of);
      return `${whom} signed in from this address in the last ${durationText(withinMs)}`;
    },
  }),
};

const WHERE = {
  country: define<readonly string[]>({
    ...{ label: 'Country', group: 'where', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Countries', options: 'countries' }],
    say: (codes, nameOf) => `it comes from ${named('countries')(codes, nameOf)}`,
  }),
  continent: define<readonly string[]>({
    ...{ label: 'Continent', group: 'where', start: () => ['EU'] },
    fields: [{ kind: 'words', key: '', label: 'Continents', words: texts.continents }],
    say: (codes) => `it comes from ${wordsOf(texts.continents, codes)}`,
  }),
  ip: define<readonly string[]>({
    ...{ label: 'Address', group: 'where', start: () => [] },
    fields: [
      {
        kind: 'texts',
        key: '',
        label: 'Addresses and blocks',
        hint: '192.0.2.0/24, or private, cgnat, loopback, link-local',
      },
    ],
    say: (blocks) => `the address is in ${either(blocks)}`,
  }),
  list: define<readonly string[]>({
    ...{ label: 'Named list', group: 'where', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Lists', options: 'lists' }],
    say: (lists) => `it is on the list ${either(lists)}`,
  }),
  asn: define<readonly number[]>({
    ...{ label: 'Network (AS number)', group: 'where', start: () => [] },
    fields: [{ kind: 'texts', key: '', label: 'Numbers', isNumber: true }],
    say: (numbers) => `it comes from network ${either(numbers)}`,
  }),
};

const WHAT = {
  path: define<Readonly<Record<string, string | boolean>>>({
    ...{
      label: 'Path',
      group: 'what',
      start: () => ({ prefix: '/admin' }),
      scopes: REQUESTS,
      fields: [{ kind: 'path' }],
    },
    say: (pattern) => {
      const [kind = 'prefix', text] = Object.entries(pattern).find(([key]) => key in PATH_SAYS) ?? [];
      return `the path ${PATH_SAYS[kind as keyof typeof PATH_SAYS]} ${text}`;
    },
  }),
  method: define<readonly string[]>({
    ...{ label: 'Method', group: 'what', start: () => ['GET', 'HEAD'], scopes: REQUESTS },
    fields: [
      { kind: 'words', key: '', label: 'Methods', words: Object.fromEntries(METHODS.map((name) => [name, name])) },
    ],
    say: (methods) => `the method is ${either(methods)}`,
  }),
  header: define<{ name: string; values?: readonly string[] }>({
    ...{ label: 'Header field', group: 'what', start: () => ({ name: 'x-team' }), scopes: REQUESTS },
    fields: [
      { kind: 'text', key: 'name', label: 'Name, in lower case' },
      { kind: 'texts', key: 'values', label: 'Values (none: it is there)' },
    ],
    say: ({ name, values }) => (values ? `the field ${name} is ${either(values)}` : `there is a field ${name}`),
  }),
  device: define<{ kind?: readonly string[]; os?: readonly string[]; browser?: readonly string[] }>({
    ...{ label: 'Kind of device', group: 'what', start: () => ({ kind: ['desktop'] }), scopes: REQUESTS },
    fields: [
      { kind: 'words', key: 'kind', label: 'Devices', words: DEVICE.kind },
      { kind: 'words', key: 'os', label: 'Systems', words: DEVICE.os },
      { kind: 'words', key: 'browser', label: 'Browsers', words: DEVICE.browser },
    ],
    say: ({ kind, os, browser }) =>
      [
        ...(kind ? [`it is ${wordsOf(DEVICE.kind, kind)}`] : []),
        ...(os ? [`it runs ${wordsOf(DEVICE.os, os)}`] : []),
        ...(browser ? [`the browser is ${wordsOf(DEVICE.browser, browser)}`] : []),
      ].join(' and '),
  }),
};

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];

function daysText(days: readonly string[]): string {
  const all = new Set(days);
  if (all.size === 5 && WEEKDAYS.every((day) => all.has(day))) return 'a weekday';
  if (all.size === 2 && all.has('saturday') && all.has('sunday')) return 'a weekend';
  return wordsOf(texts.days, days);
}

const TIME = {
  time: define<{ days?: readonly string[]; from?: string; to?: string; zone: string }>({
    ...{ label: 'Days and hours', group: 'time', start: () => ({ days: WEEKDAYS, zone: zone() }) },
    fields: [
      { kind: 'words', key: 'days', label: 'Days (none: every day)', words: texts.days },
      { kind: 'text', key: 'from', label: 'From', type: 'time' },
      { kind: 'text', key: 'to', label: 'Until', type: 'time' },
      { kind: 'zone', key: 'zone', label: 'By the clocks of' },
    ],
    say: ({ days, from, to, zone: place }) => {
      const day = days ? `it is ${daysText(days)}` : '';
      const hours = from ? `it is ${from} to ${to} (${place})` : `(${place})`;
      return from && day ? `${day}, ${from} to ${to} (${place})` : [day, hours].filter(Boolean).join(' ');
    },
  }),
  date: define<{ from?: string; to?: string; zone: string }>({
    ...{ label: 'Dates', group: 'time', start: () => ({ from: new Date().toISOString().slice(0, 10), zone: zone() }) },
    fields: [
      { kind: 'text', key: 'from', label: 'First day', type: 'date' },
      { kind: 'text', key: 'to', label: 'Last day', type: 'date' },
      { kind: 'zone', key: 'zone', label: 'By the clocks of' },
    ],
    say: ({ from, to }) =>
      [...(from ? [`it is ${from} or later`] : []), ...(to ? [`it is ${to} or earlier`] : [])].join(' and '),
  }),
};

export const CRITERIA: Readonly<Record<string, CriterionView>> = { ...WHO, ...HOW, ...WHERE, ...WHAT, ...TIME };

export function criteriaIn(scope: Scope): readonly (readonly [name: string, view: CriterionView])[] {
  return Object.entries(CRITERIA).filter(([, { scopes }]) => scopes === undefined || scopes.includes(scope));
}
