/** Where a quick tunnel keeps its keys, and its sockets. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureFolder, OWNER_ONLY } from '../../io/files.ts';
import { LEFT_BEHIND_MS } from './constants.ts';

const KEPT_FILE = 'kept';

export class TryFolders {
  /** Keys of the connector; it stays where the tunnel is kept. */
  readonly dataDir: string;
  /** Sockets; a short path, because the system takes no long one. */
  readonly sockets: string;

  private constructor(dataDir: string, sockets: string) {
    this.dataDir = dataDir;
    this.sockets = sockets;
  }

  /** @param home in place of the one of this person. */
  static async make(name: string, nowUnixMs: number, home: string = homedir()): Promise<TryFolders> {
    const all = join(home, '.local', 'share', 'manis', 'try');
    await ensureFolder(all, 0o700);
    await removeLeftBehind(all, nowUnixMs);
    const dataDir = join(all, name);
    await ensureFolder(dataDir, 0o700);
    return new TryFolders(dataDir, await mkdtemp(join(tmpdir(), 'manis-try-')));
  }

  socket(index: number): string {
    return join(this.sockets, `${index}.sock`);
  }

  async keep(): Promise<void> {
    await writeFile(join(this.dataDir, KEPT_FILE), '', { mode: OWNER_ONLY });
  }

  async remove(isKept: boolean): Promise<void> {
    await rm(this.sockets, { recursive: true, force: true });
    if (!isKept) await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Of programs that were killed. */
async function removeLeftBehind(folder: string, nowUnixMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const isKept = await stat(join(path, KEPT_FILE)).catch(() => undefined);
    const made = await stat(path).catch(() => undefined);
    if (!isKept && made && nowUnixMs - made.mtimeMs > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}
