/** The session of a host, kept for the next command: in a file that nobody else reads. */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OWNER_ONLY, readJson, removeFile, writeJson } from '../../io/files.ts';

const FOLDER_MODE = 0o700;

export class KeptSession {
  readonly #folder: string;
  readonly #path: string;

  /** `folder`: in place of the one of this person. */
  constructor(host: string, folder = join(homedir(), '.local', 'share', 'manis', 'access')) {
    this.#folder = folder;
    this.#path = join(folder, `${encodeURIComponent(host)}.json`);
  }

  /** Undefined where there is none, or none that can be read. */
  async read(): Promise<string | undefined> {
    const kept = await readJson(this.#path).catch(() => undefined);
    const token = (kept as { token?: unknown } | undefined)?.token;
    return typeof token === 'string' ? token : undefined;
  }

  /** Where it cannot be kept it is not: the next command signs in anew. */
  async write(token: string): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
      await writeJson(this.#path, { token }, OWNER_ONLY);
    } catch {}
  }

  async remove(): Promise<void> {
    await removeFile(this.#path).catch(() => undefined);
  }
}
