/** The pages of docs/reference: settings and the API, from the schemas that the programs themselves use. */
import { connectorSettings, controlSettings, popSettings, upSettings } from '../src/cli/config/programs.ts';
import { flagName, variableName } from '../src/cli/config/read-settings.ts';
import { wordsOf } from '../src/cli/config/setting.ts';
import type { Settings } from '../src/cli/config/value.ts';

const WRITTEN = '<!-- Written by `npm run docs`; change the source instead. -->';
const PROGRAMS: readonly [command: string, what: string, settings: Settings][] = [
  ['manis up', 'a complete network on one machine (`npm start`)', upSettings],
  ['manis control', 'a control node', controlSettings],
  ['manis pop', 'a point of presence', popSettings],
  ['manis connector', 'a connector', connectorSettings],
];

/** What the API document says of an operation, as far as the index shows it. */
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly 'x-access'?: string;
}

export interface IndexedApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export function settingsPage(): string {
  const sections = PROGRAMS.map(([command, what, settings]) => {
    const rows = Object.entries(settings.shape).map(([key, value]) => {
      const { kind, hint, description, expected } = wordsOf(value);
      const flag = kind === 'switch' ? `--${flagName(key)}` : `--${flagName(key)} ${hint ?? 'VALUE'}`;
      const several = kind === 'list' ? '; may be given several times, or with commas' : '';
      return row(code(flag), code(variableName(key)), code(key), description, `${expected}${several}`);
    });
    return [
      `## ${command}`,
      '',
      `Runs ${what}.`,
      '',
      row('flag', 'variable', 'key', 'meaning', 'expected'),
      RULE(5),
      ...rows,
    ];
  });
  return page('Settings', [
    'Every setting is a flag, a variable of the environment and a key of a YAML file (`--config FILE`, or `MANIS_CONFIG`). A flag goes before',
    'the variable, the variable before the file. Empty variables count as not set. What is wrong is said in one line, with the name under which it was',
    'given; the values of secrets are not repeated.',
    '',
    ...sections.flatMap((lines) => [...lines, '']),
  ]);
}

export function apiPage({ paths }: IndexedApi): string {
  const byTag = Map.groupBy(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    ),
    ({ operation }) => operation.tags?.[0] ?? 'other',
  );
  const sections = [...byTag].map(([tag, operations]) => [
    `## ${tag}`,
    '',
    row('operation', 'what it does', 'who may'),
    RULE(3),
    ...operations.map(({ path, method, operation }) =>
      row(code(`${method.toUpperCase()} ${path}`), operation.summary ?? '', code(operation['x-access'] ?? '')),
    ),
    '',
  ]);
  return page('The API', [
    'Everything that the console and the command do goes through these. The whole, with every field: `GET /api/v1/openapi.json` of any control node (OpenAPI 3.1); the',
    'typed client is `src/api`. A request carries `Authorization: Bearer TOKEN` (`manis token add`, `manis key add`). Errors are RFC 9457 problems, with a `code`.',
    '',
    ...sections.flat(),
  ]);
}

function page(title: string, lines: readonly string[]): string {
  return `${[`# ${title}`, '', WRITTEN, '', ...lines].join('\n').trimEnd()}\n`;
}

const RULE = (columns: number): string => `|${'---|'.repeat(columns)}`;

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
