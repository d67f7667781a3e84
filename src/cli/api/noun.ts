/** What commands of the API have in common: a noun has a list, and its things are found by id or by name. */
import type { CommandDef } from 'citty';
import type { Listed, ListPath, PathOf } from '../../api/client.ts';
import { createClock } from '../../io/clock.ts';
import { SORTED } from '../../io/store/queries/sorted.ts';
import { leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { type Settings, type SettingsOf, settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { closestOf } from '../terminal/closest.ts';
import { say, sayJson } from '../terminal/output.ts';
import { type Connection, connectionShape, withApi } from './connection.ts';
import { ApiFailure, at, type ControlApi } from './control-api.ts';
import { namesIn, withNames } from './names.ts';
import { listed, type Printed, shown, textFor } from './printed.ts';
import { wordFlag } from './words.ts';

/** Lists of things that have an id. */
export type NounPath = {
  [Path in ListPath]: Listed<Path> extends { readonly id: string } ? Path : never;
}[ListPath];

/** Things that can be removed by their id. */
type RemovablePath = { [Path in NounPath]: `${Path}/{id}` extends PathOf<'delete'> ? Path : never }[NounPath];

const clock = createClock();

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

export function apiCommand<Shape extends Settings['shape']>(
  environment: Environment,
  command: ApiCommand<Shape>,
): CommandDef {
  const taken = Object.keys(command.shape ?? {}).find((key) => Object.hasOwn(connectionShape, key));
  // It would say which control is asked, and nothing of the thing.
  if (taken !== undefined) throw new Error(`manis ... ${command.name}: --${taken} is a flag of every command`);
  const settings = settingsOf({ ...command.shape, ...connectionShape });
  return leaf(environment, {
    name: command.name,
    description: command.description,
    settings,
    ...(command.positionals && { positionals: command.positionals }),
    run: (read, words) => {
      const own = read as unknown as SettingsOf<Shape> & Connection;
      const work = async (api: ControlApi): Promise<void> => {
        const printed = await command.run(api, own, words).catch((error) => rethrownWithNames(api, error));
        if (!printed) return;
        if (own.json) sayJson(printed.value, 2);
        else say(await textHere(api, printed));
        if (printed.failure) throw printed.failure;
      };
      return withApi(own, work, command.prefersProfile);
    },
  });
}

/** A refusal speaks of things by their ids: control does not know who reads it. */
async function rethrownWithNames(api: ControlApi, error: unknown): Promise<never> {
  if (!(error instanceof ApiFailure)) throw error;
  const nameOf = await namesIn(api, error.message);
  throw new ApiFailure(error.code, withNames(error.message, nameOf), error.status);
}

/** For who stands before this terminal now. */
async function textHere(api: ControlApi, printed: Printed): Promise<string> {
  const columns = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  const nameOf = typeof printed.text === 'string' ? asItIs : await namesIn(api, printed.value);
  return textFor(printed, { nowUnixMs: clock.unixMs(), nameOf, columns });
}

function asItIs(id: string): string {
  return id;
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
        return { text: `Removed the ${title} ${word}.`, value: { removed: id } };
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
  throw new UsageFailure('setting-invalid', notFoundText(noun, items, named.length, word));
}

function notFoundText(noun: Noun, items: readonly object[], count: number, word: string): string {
  const quoted = JSON.stringify(word);
  const see = `see manis ${noun.name} list`;
  if (count > 1) return `${count} things are called ${quoted}: say which by its id; ${see}`;
  const names = items.flatMap((item) => noun.names.map((field) => String(Reflect.get(item, field))));
  const meant = closestOf(word, names);
  const hint = meant === undefined ? see : `did you mean ${JSON.stringify(meant)}?`;
  return `there is no ${noun.title ?? noun.name} called ${quoted}; ${hint}`;
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
