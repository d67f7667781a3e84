/** Where this person is signed in: one file, that nobody else reads. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureFolder, OWNER_ONLY, readJson, writeJson } from '../../io/files.ts';
import { UsageFailure } from '../config/usage-failure.ts';

export interface Profile {
  /** Of the portal or a control node. */
  readonly url: string;
  readonly token: string;
  /** PEM to trust beside the system's. */
  readonly ca?: string;
}

interface Kept {
  readonly current: string | null;
  readonly profiles: Readonly<Record<string, Profile>>;
}

export const DEFAULT_PROFILE = 'default';
const FOLDER_MODE = 0o700;

export class Profiles {
  readonly #path: string;

  /** @param home in place of the one of this person. */
  constructor(home: string = homedir()) {
    this.#path = join(home, '.config', 'manis', 'profiles.json');
  }

  async all(): Promise<Kept> {
    const kept = (await readJson(this.#path)) as Partial<Kept> | undefined;
    return { current: kept?.current ?? null, profiles: kept?.profiles ?? {} };
  }

  /** The one of a name, or the current one. UsageFailure where a name is none. */
  async find(name: string | undefined): Promise<(Profile & { readonly name: string }) | undefined> {
    const { current, profiles } = await this.all();
    const wanted = name ?? current;
    const found = wanted === null || !Object.hasOwn(profiles, wanted) ? undefined : profiles[wanted];
    if (found && wanted !== null) return { ...found, name: wanted };
    if (name === undefined) return undefined;
    const known = Object.keys(profiles).join(', ') || 'none yet';
    throw new UsageFailure(
      'setting-invalid',
      `--profile: there is no profile ${JSON.stringify(name)} (${known}); sign in with "manis login URL --profile ${name}"`,
    );
  }

  /** The one that is signed in there; the current one first. */
  async at(origin: string): Promise<Profile | undefined> {
    const { current, profiles } = await this.all();
    const there = Object.entries(profiles).filter(([, { url }]) => URL.parse(url)?.origin === origin);
    return (there.find(([name]) => name === current) ?? there[0])?.[1];
  }

  async put(name: string, profile: Profile): Promise<void> {
    const { profiles } = await this.all();
    await this.#write({ current: name, profiles: { ...profiles, [name]: profile } });
  }

  async use(name: string): Promise<void> {
    await this.find(name);
    await this.#write({ ...(await this.all()), current: name });
  }

  async remove(name: string): Promise<void> {
    const { current, profiles } = await this.all();
    const rest = Object.fromEntries(Object.entries(profiles).filter(([other]) => other !== name));
    const next = current === name ? (Object.keys(rest)[0] ?? null) : current;
    await this.#write({ current: next, profiles: rest });
  }

  async #write(kept: Kept): Promise<void> {
    await ensureFolder(dirname(this.#path), FOLDER_MODE);
    await writeJson(this.#path, kept, OWNER_ONLY);
  }
}
