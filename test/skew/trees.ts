/** The trees that a network of several versions is started from: this one, and an earlier one out of git's history. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What stands for the previous version for as long as no version has a tag: the last commit before issue 6. */
const PREVIOUS_COMMIT = '1eda45a30e08c7cb45e9641af9acc868a6d9a628';

/** The tests may run as another user than the one who cloned. */
const TRUST = ['-c', 'safe.directory=*'];

export interface Tree {
  /** For people: `v0.1.0`, `1eda45a`, `this tree`. */
  readonly name: string;
  readonly folder: string;
}

export const THIS_TREE: Tree = { name: 'this tree', folder: ROOT };

/** The previous version: the newest tag that is not this commit itself, else the commit that is written down here. */
export function previousVersion(): string {
  const tags = git('tag', '--list', 'v*', '--sort=-v:refname', '--merged', 'HEAD').stdout.split('\n').filter(Boolean);
  const here = git('rev-parse', 'HEAD').stdout.trim();
  return tags.find((tag) => git('rev-list', '-n', '1', tag).stdout.trim() !== here) ?? PREVIOUS_COMMIT;
}

/** Whether the history that is here, or one fetch, has a version. Clones of CI may hold a single commit. */
export function hasVersion(version: string): boolean {
  const isHere = () => git('cat-file', '-e', `${version}^{commit}`).status === 0;
  return isHere() || (git('fetch', '--quiet', '--depth=1', 'origin', version).status === 0 && isHere());
}

/** Its programs, in a folder, with the dependencies of this tree. */
export function checkOut(version: string, folder: string): Tree {
  const name = /^[0-9a-f]{40}$/.test(version) ? version.slice(0, 7) : version;
  mkdirSync(folder, { recursive: true });
  const archive = spawnSync('git', [...TRUST, 'archive', version, 'src', 'package.json'], {
    cwd: ROOT,
    maxBuffer: 1 << 28,
  });
  if (archive.status !== 0) throw new Error(`git archive ${version}: ${archive.stderr}`);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (unpacked.status !== 0) throw new Error(`tar: ${unpacked.stderr}`);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { name, folder };
}

function git(...args: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync('git', [...TRUST, ...args], { cwd: ROOT, encoding: 'utf8' });
}
