/**
 * The rules of the house as functions from facts to violations. Each violation names the place, what is there and why
 * it may not be.
 */
import type { SourceFacts } from './facts.ts';

/** `src/pop/x.ts:12 imports src/control/y.ts: pop and control never meet but over the link.` */
export type Violation = string;

interface Room {
  /** Folder under src, with a slash at the end. */
  readonly folder: string;
  /** What it may import beside itself. */
  readonly may: readonly string[];
  /** What it may import with `import type` alone. */
  readonly mayAsTypes?: readonly string[];
  readonly because: string;
}

const CORE_BECAUSE = 'each protocol is readable alone: a core room imports base and the siblings that the table names';
const PROGRAM_BECAUSE = 'control, pop and connector are wiring over base, core and io, and speak over the link alone';

/** The first room whose folder a path starts with is the room it is in. */
const ROOMS: readonly Room[] = [
  { folder: 'src/base/', may: [], because: 'base holds words only' },
  {
    folder: 'src/core/overlay/',
    may: ['src/base/', 'src/core/wireguard/', 'src/core/netstack/'],
    because: 'overlay is the only place where WireGuard and the network stack meet',
  },
  {
    folder: 'src/core/link/',
    may: ['src/base/'],
    mayAsTypes: [
      'src/core/policy/',
      'src/core/routing/',
      'src/core/http-rules/',
      'src/core/capture/',
      'src/core/session/',
      'src/core/identity/',
    ],
    because: 'link defines messages: a snapshot is made of the types of policy, routing, session and identity',
  },
  {
    folder: 'src/core/reach/',
    may: ['src/base/'],
    mayAsTypes: ['src/core/link/'],
    because: 'reach judges what nodes say of one another: it knows the types of their messages and nothing else',
  },
  {
    folder: 'src/core/doctor/',
    may: ['src/base/', 'src/core/link/'],
    because: 'doctor makes of measurements the message that tells of them',
  },
  {
    folder: 'src/core/http-rules/',
    may: ['src/base/', 'src/core/policy/', 'src/core/routing/'],
    because:
      "http-rules writes paths and fields: by policy's one normaliser and patterns, by routing's one verdict on names",
  },
  { folder: 'src/core/', may: ['src/base/'], because: CORE_BECAUSE },
  { folder: 'src/io/', may: ['src/base/', 'src/core/'], because: 'io adapts the core to the machine' },
  { folder: 'src/control/', may: ['src/base/', 'src/core/', 'src/io/'], because: PROGRAM_BECAUSE },
  { folder: 'src/pop/', may: ['src/base/', 'src/core/', 'src/io/'], because: PROGRAM_BECAUSE },
  { folder: 'src/connector/', may: ['src/base/', 'src/core/', 'src/io/'], because: PROGRAM_BECAUSE },
  { folder: 'src/api/', may: [], because: 'the typed client of the API stands alone: browsers and the command use it' },
  { folder: 'src/dashboard/', may: ['src/api/'], because: 'the console runs in a browser and knows the API alone' },
  {
    folder: 'src/cli/',
    may: ['src/api/', 'src/base/', 'src/core/', 'src/io/', 'src/control/', 'src/pop/', 'src/connector/'],
    because: 'cli assembles programs; testing is for tests and the dashboard is for browsers',
  },
];

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;
const BANNED_PATH_WORDS = ['util', 'utils', 'helper', 'helpers', 'manager', 'common', 'misc'];
const BANNED_NAME = /(Utils?|Helpers?|Manager|Misc)(?![a-z])/;
/** Machine modules: io alone imports their values. Types and pure modules (stream, path, url, events) are free. */
const MACHINE_MODULES =
  /^node:(fs|fs\/promises|net|tls|dgram|http|https|http2|crypto|sqlite|dns|dns\/promises|child_process|os|worker_threads|ffi)$/;

interface BannedUse {
  readonly texts: readonly string[];
  readonly isAllowedIn: (path: string) => boolean;
  readonly because: string;
}

const isPure = (path: string) => path.startsWith('src/base/') || path.startsWith('src/core/');

const BANNED_USES: readonly BannedUse[] = [
  {
    texts: ['Date.now', 'performance.now', 'new Date()', 'process.hrtime'],
    isAllowedIn: (path) => path === 'src/io/clock.ts',
    because: 'time comes from a Clock, so that a test can hold it',
  },
  {
    texts: ['Math.random'],
    isAllowedIn: () => false,
    because: 'it can be predicted and cannot be seeded: take a Random',
  },
  {
    texts: ['process.env'],
    isAllowedIn: (path) => path === 'src/cli/environment.ts',
    because: 'configuration is read once, in src/cli/environment.ts, and passed down',
  },
  {
    texts: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
    isAllowedIn: (path) => !isPure(path),
    because: 'the core has no timers: it tells its next deadline and the driver in io arms one',
  },
];

/** Every rule applied to every file of `src` that is not a test. */
export function violations(files: readonly SourceFacts[]): Violation[] {
  const sources = files.filter((file) => file.path.startsWith('src/') && !isTestCode(file.path));
  return [...sources.flatMap(violationsOfFile), ...cycles(sources)];
}

/** The ways in which one file breaks the rules. */
function violationsOfFile(file: SourceFacts): Violation[] {
  return [
    ...forbiddenImports(file),
    ...defaultExports(file),
    ...lengths(file),
    ...bannedNames(file),
    ...bannedUses(file),
    ...missingHeadComment(file),
    ...commentlessConstants(file),
  ];
}

export function isTestCode(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('src/testing/');
}

function forbiddenImports(file: SourceFacts): Violation[] {
  const room = roomOf(file.path);
  if (!room) return [`${file.path} is in no room: every file of src belongs to a floor of the house`];
  return file.imports.flatMap(({ target, isTypeOnly, line }) => {
    const why = whyForbidden(file.path, room, target, isTypeOnly);
    return why === undefined ? [] : [`${file.path}:${line} imports ${target}: ${why}`];
  });
}

function whyForbidden(path: string, room: Room, target: string, isTypeOnly: boolean): string | undefined {
  if (!target.startsWith('src/')) return whyPackageForbidden(path, target, isTypeOnly);
  if (isTestCode(target)) return 'test code is imported by tests alone';
  const own = ownFolder(path, room);
  if (target.startsWith(own)) return undefined;
  const allowed = [...room.may, ...(isTypeOnly ? (room.mayAsTypes ?? []) : [])];
  if (!allowed.some((folder) => target.startsWith(folder))) return room.because;
  const isCoreInside = target.startsWith('src/core/') && !target.endsWith('/index.ts');
  return isCoreInside ? "a core room's public face is its index.ts" : undefined;
}

function whyPackageForbidden(path: string, target: string, isTypeOnly: boolean): string | undefined {
  if (!target.startsWith('node:') && target.startsWith('.')) return 'it lies outside the repository';
  if (isPure(path)) return 'base and core need no machine and no package: bytes and time come in as arguments';
  const touchesMachine = MACHINE_MODULES.test(target) && !isTypeOnly;
  const isProgram = /^src\/(control|pop|connector)\//.test(path);
  return touchesMachine && isProgram ? 'io is the only floor that touches the machine' : undefined;
}

/** `src/core/policy/` for a file of that room, since each folder of core is a room of its own. */
function ownFolder(path: string, room: Room): string {
  return room.folder === 'src/core/' ? path.split('/').slice(0, 3).concat('').join('/') : room.folder;
}

function roomOf(path: string): Room | undefined {
  return ROOMS.find((room) => path.startsWith(room.folder));
}

function defaultExports(file: SourceFacts): Violation[] {
  return file.defaultExportLines.map(
    (line) => `${file.path}:${line} has a default export: a thing has one name, and everybody imports it by that name`,
  );
}

function lengths(file: SourceFacts): Violation[] {
  const tooLong = file.functions.filter((one) => one.lineCount > MAX_FUNCTION_LINES);
  const found = tooLong.map(
    (one) =>
      `${file.path}:${one.line} ${one.name} has ${one.lineCount} lines: a function fits on a screen (${MAX_FUNCTION_LINES})`,
  );
  if (file.lineCount > MAX_FILE_LINES && !file.path.includes('.generated.')) {
    found.push(`${file.path} has ${file.lineCount} lines: a file holds one concept (${MAX_FILE_LINES} lines)`);
  }
  return found;
}

function bannedNames(file: SourceFacts): Violation[] {
  const because = 'such a name says nothing: name the concept';
  // `common-passwords` names a concept, `passwords-common` and `common` do not: the last word counts.
  const words = file.path.split('/').map((part) => part.split('.')[0]?.split('-').at(-1) ?? '');
  const inPath = words.filter((word) => BANNED_PATH_WORDS.includes(word)).map((word) => `${file.path}: "${word}"`);
  const inNames = file.exportedNames
    .filter(({ name }) => BANNED_NAME.test(name))
    .map(({ name, line }) => `${file.path}:${line} ${name}`);
  return [...inPath, ...inNames].map((place) => `${place}: ${because}`);
}

function bannedUses(file: SourceFacts): Violation[] {
  return file.uses.flatMap((use) => {
    const banned = BANNED_USES.find((one) => one.texts.includes(use.text) && !one.isAllowedIn(file.path));
    return banned ? [`${file.path}:${use.line} uses ${use.text}: ${banned.because}`] : [];
  });
}

function missingHeadComment(file: SourceFacts): Violation[] {
  const isFace = file.path.endsWith('/index.ts');
  return isFace && !file.hasHeadComment
    ? [`${file.path} begins without a docstring: the face of a room says what the room is and what to read`]
    : [];
}

function commentlessConstants(file: SourceFacts): Violation[] {
  if (!file.path.endsWith('constants.ts')) return [];
  return file.constants
    .filter(({ comment }) => comment === '')
    .map(({ name }) => `${file.path} ${name} has no comment: docs/limits.md takes its reason from there`);
}

/** Each cycle once, from its first file in order of path. */
export function cycles(files: readonly SourceFacts[]): Violation[] {
  const targets = new Map(files.map((file) => [file.path, [...new Set(file.imports.map((one) => one.target))]]));
  const finished = new Set<string>();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0)
      found.push(`${[...trail.slice(start), path].join(' -> ')}: files that need each other are one file`);
    if (start >= 0 || finished.has(path)) return;
    for (const target of targets.get(path) ?? []) if (target !== path) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
