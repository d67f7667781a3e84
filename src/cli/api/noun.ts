/** What commands of the API have in common: a noun has a list, and its things are found by id or by name. */
import type { CommandDef } from 'citty';
import type { Listed, ListPath, PathOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { SORTED } from '../../io/store/queries/sorted.ts';
import { leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { type Settings, type SettingsOf, settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { say, sayJson } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { type Connection, connectionShape, withApi } from './connection.ts';
import { at, type ControlApi } from './control-api.ts';
import { wordFlag } from './words.ts';

/** What is listed or shown. */
export type Item = object;

/** Lists of things that have an id. */
export type NounPath = {
  [Path in ListPath]: Listed<Path> extends { readonly id: string } ? Path : never;
}[ListPath];

/** Things that can be removed by their id. */
type RemovablePath = { [Path in NounPath]: `${Path}/{id}` extends PathOf<'delete'> ? Path : never }[NounPath];

type FieldOf<Row> = Row extends object ? keyof Row & string : never;

export interface Noun<Path extends NounPath = NounPath> {
  /** `site` */
  readonly name: string;
  /** For people, where that differs from the name. */
  readonly title?: string;
  /** `/sites` */
  readonly path: Path;
  /** Columns of the list: fields of the item. */
  readonly columns: readonly FieldOf<Listed<Path>>[];
  /** Fields by which people name it, beside its id. */
  readonly names: readonly FieldOf<Listed<Path>>[];
  /** What its list can be sorted by, where that is more or other than its name. */
  readonly sorted?: keyof typeof SORTED;
}

/** One command of the API: its own settings beside those of the connection. */
export interface ApiCommand<Shape extends Settings['shape']> {
  readonly name: string;
  readonly description: string;
  readonly shape?: Shape;
  readonly positionals?: readonly string[];
  /** About a sign-in that is kept, rather than a local network. */
  readonly prefersProfile?: boolean;
  run(
    api: ControlApi,
    settings: SettingsOf<Shape> & Connection,
    words: readonly string[],
  ): Promise<Printed | undefined>;
}

/** What a command prints: for people, and as JSON. */
export interface Printed {
  readonly text: string;
  readonly value: unknown;
}

export function apiCommand<Shape extends Settings['shape']>(
  environment: Environment,
  command: ApiCommand<Shape>,
): CommandDef {
  const settings = settingsOf({ ...command.shape, ...connectionShape });
  return leaf(environment, {
    name: command.name,
    description: command.description,
    settings,
    ...(command.positionals && { positionals: command.positionals }),
    run: (read, words) => {
      const own = read as unknown as SettingsOf<Shape> & Connection;
      const work = async (api: ControlApi): Promise<void> => {
        const printed = await command.run(api, own, words);
        if (printed && own.json) sayJson(printed.value, 2);
        else if (printed) say(printed.text);
      };
      return withApi(own, work, command.prefersProfile);
    },
  });
}

/** `list`, `show` and `remove`, which every noun has. */
export function commonCommands<Path extends RemovablePath>(environment: Environment, noun: Noun<Path>) {
  const positionals = [noun.name];
  const title = noun.title ?? noun.name;
  return {
    list: apiCommand(environment, {
      name: 'list',
      description: `List every ${title}`,
      shape: { sort: sortFlag(noun) },
      run: async (api, { sort }) =>
        listed<Listed<Path> & object>(
          noun,
          (await api.list(noun.path, sortedBy(sort))) as readonly (Listed<Path> & object)[],
        ),
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: `Show ${withArticle(title)}`,
      positionals,
      run: async (api, _settings, [word = '']) => shown(await find(api, noun, word)),
    }),
    remove: apiCommand(environment, {
      name: 'remove',
      description: `Remove ${withArticle(title)}`,
      positionals,
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, noun, word);
        await api.remove(`${noun.path as '/sites'}/{id}`, at({ id }));
        return { text: `Removed ${id}.`, value: { removed: id } };
      },
    }),
  };
}

function withArticle(title: string): string {
  return `${/^[aeio]/i.test(title) ? 'an' : 'a'} ${title}`;
}

/** Of the list of a noun, which control sorts. */
export function sortFlag({ sorted = 'named' }: Pick<Noun, 'sorted'>) {
  const fields = [...Object.keys(SORTED[sorted]), 'created'];
  const [first = 'created', ...others] = fields.flatMap((field) => [field, `-${field}`]);
  return wordFlag([first, ...others], 'What the list is sorted by, backwards with a minus (default: created)');
}

/** What asks for it. Which words a list takes is said by its flag; a type for each noun would say it once more. */
export function sortedBy(sort: string | undefined): { readonly params: never } {
  return { params: { query: given({ sort }) } as never };
}

/** The thing that a word names. UsageFailure where there is none, or more than one. */
export async function find<Path extends NounPath>(
  api: ControlApi,
  noun: Noun<Path>,
  word: string,
): Promise<Listed<Path> & { readonly id: string }> {
  const items = (await api.list(noun.path)) as readonly (Listed<Path> & { readonly id: string })[];
  const byId = items.find((item) => item.id === word);
  if (byId) return byId;
  const named = items.filter((item) => noun.names.some((field) => Reflect.get(item, field) === word));
  const [only] = named;
  if (only && named.length === 1) return only;
  const what = only ? `${named.length} things are called` : `there is no ${noun.name} called`;
  throw new UsageFailure('setting-invalid', `${what} ${JSON.stringify(word)}; see manis ${noun.name} list`);
}

export function listed<Row extends object>(
  noun: { readonly columns: readonly FieldOf<Row>[] },
  items: readonly Row[],
): Printed {
  const rows = items.map((item) => noun.columns.map((column) => cell(column, Reflect.get(item, column))));
  return { text: formatTable(noun.columns.map(headOf), rows), value: items };
}

export function shown(item: Item): Printed {
  const fields = Object.entries(item);
  const width = Math.max(...fields.map(([field]) => headOf(field).length));
  const lines = fields.map(([field, value]) => `${headOf(field).padEnd(width)}  ${printable(cell(field, value))}`);
  return { text: lines.join('\n'), value: item };
}

/** `createdUnixMs` -> `created`, `siteId` -> `site id`. */
function headOf(field: string): string {
  return field
    .replace(/UnixMs$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

function cell(field: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (field.endsWith('UnixMs')) return timeText(Number(value));
  if (field === 'policy') return policyInShort(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => cell('', one)).join(', ') || '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** UTC, to the second. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('T', ' ').slice(0, 19);
}

/** The names of its rules; `manis policy show` tells all. */
function policyInShort(policy: unknown): string {
  const { rules = [] } = policy as { readonly rules?: readonly { readonly name?: string; readonly id?: string }[] };
  return rules.map(({ name, id }) => name || id).join(', ') || 'lets nobody in';
}

/** A body of what was given: settings that were left out are left out. */
export function given<const Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
}

type MaybeField<Fields> = {
  [Field in keyof Fields]-?: undefined extends Fields[Field] ? Field : never;
}[keyof Fields];
type Given<Fields> = { readonly [Field in Exclude<keyof Fields, MaybeField<Fields>>]: Fields[Field] } & {
  readonly [Field in MaybeField<Fields>]?: Exclude<Fields[Field], undefined>;
};
