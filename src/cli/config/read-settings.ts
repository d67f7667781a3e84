/** Flags, then environment, then a YAML file: joined, validated once, and passed down as one value. */
import { readText } from '../../io/files.ts';
import { type SettingWords, wordsOf } from './setting.ts';
import { UsageFailure } from './usage-failure.ts';
import { type Settings, type SettingsOf, WRONG } from './value.ts';

export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Sources {
  /** By flag name: `port-base`. */
  readonly flags: FlagValues;
  /** By variable name: `MANIS_PORT_BASE`. */
  readonly variables: ReadonlyMap<string, string>;
  readonly file?: SettingsFile | undefined;
}

export interface SettingsFile {
  readonly path: string;
  /** By key: `portBase`. */
  readonly values: Readonly<Record<string, unknown>>;
}

interface Found {
  readonly value: unknown;
  /** `--port-base`, `MANIS_PORT_BASE` or `portBase in manis.yaml`. */
  readonly name: string;
}

/** The settings, or UsageFailure with one line about the first that is wrong. */
export function readSettings<S extends Settings>(settings: S, sources: Sources): SettingsOf<S['shape']> {
  refuseUnknownKeys(settings, sources.file);
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings.shape)) {
    const found = findSetting(key, sources);
    const one = value.read(found?.value);
    if (one === WRONG) throw invalid(key, wordsOf(value), found);
    if (one !== undefined) read[key] = one;
  }
  return read as SettingsOf<S['shape']>;
}

/** Reads a YAML file of settings. One document, at most a million characters, no more than 100 aliases. */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  const text = await readText(path);
  if (text === undefined)
    throw new UsageFailure('setting-invalid', `--config is "${path}"; expected a file that exists`);
  // Programs that run for long seldom have such a file, and no use for the parser.
  const { parse } = await import('yaml');
  let values: unknown;
  try {
    values = parse(text.slice(0, 1_000_000), { maxAliasCount: 100 }) ?? {};
  } catch (error) {
    const [firstLine] = (error as Error).message.split('\n');
    throw new UsageFailure('setting-invalid', `${path} is not YAML: ${firstLine}`, error);
  }
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new UsageFailure(
      'setting-invalid',
      `${path} holds ${JSON.stringify(values)}; expected lines of "key: value"`,
    );
  }
  return { path, values: values as Record<string, unknown> };
}

/** `portBase` -> `port-base`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `portBase` -> `MANIS_PORT_BASE`. */
export function variableName(key: string): string {
  return `MANIS_${flagName(key).replaceAll('-', '_').toUpperCase()}`;
}

function findSetting(key: string, { flags, variables, file }: Sources): Found | undefined {
  const flag = flags[flagName(key)];
  if (flag !== undefined) return { value: flag, name: `--${flagName(key)}` };
  const variable = variables.get(variableName(key));
  if (variable !== undefined) return { value: variable, name: variableName(key) };
  if (!file || file.values[key] === undefined) return undefined;
  return { value: file.values[key], name: `${key} in ${file.path}` };
}

function invalid(key: string, words: SettingWords, found: Found | undefined): UsageFailure {
  if (!found) {
    const where = `--${flagName(key)} (or ${variableName(key)})`;
    return new UsageFailure('setting-invalid', `${where} is missing; expected ${words.expected}`);
  }
  const value = words.isSecret ? '(not shown)' : shown(found.value);
  return new UsageFailure('setting-invalid', `${found.name} is ${value}; expected ${words.expected}`);
}

/** A list as it was written, and at most a line of it. */
function shown(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.join(',') : value).slice(0, 200);
}

function refuseUnknownKeys({ shape }: Settings, file: SettingsFile | undefined): void {
  const known = Object.keys(shape);
  const unknown = Object.keys(file?.values ?? {}).find((key) => !known.includes(key));
  if (file && unknown !== undefined) {
    const expected = `expected one of ${known.join(', ')}`;
    throw new UsageFailure('setting-unknown', `${unknown} in ${file.path} is not a setting; ${expected}`);
  }
}
