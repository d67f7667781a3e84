/** What `npm pack` would put into the package of this program, wherever the program runs from: a checkout or a package. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../base/index.ts';
import type { ArchivedFile } from './ustar.ts';

export interface PackageDescription {
  readonly name: string;
  readonly version: string;
  /** Folders and files that are taken. */
  readonly files: readonly string[];
  /** Commands, and the files that they are. */
  readonly bin: Readonly<Record<string, string>>;
}

/** npm takes these whatever `files` says. */
const ALWAYS = /^(package\.json|readme|license|licence)(\.[^/]*)?$/i;
/** npm leaves these out whatever `files` says. */
const NEVER =
  /^(\.git|\.svn|\.hg|CVS|node_modules|\.npmrc|\.DS_Store|npm-debug\.log|package-lock\.json|\..*\.swp|\._.*|.*\.orig)$/;

/** The folder with the `package.json` that a file of the program belongs to. Undefined where there is none. */
export function packageRootOf(url: string): string | undefined {
  for (let folder = dirname(fileURLToPath(url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Failure `package-incomplete` where `package.json` is not one of a package that can be made. */
export async function describePackage(root: string): Promise<PackageDescription> {
  const { name, version, files, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  if (typeof name !== 'string' || typeof version !== 'string' || !Array.isArray(files))
    throw new Failure('package-incomplete', `${root}/package.json does not say what the package consists of`);
  return { name, version, files, bin: bin ?? {} };
}

/** The files of a package, each under `package/`, in the order of their names. Failure `package-incomplete`. */
export async function* packageFiles(root: string, { files, bin }: PackageDescription): AsyncGenerator<ArchivedFile> {
  const always = (await readdir(root)).filter((name) => ALWAYS.test(name));
  const named = await Promise.all(files.map((path) => filesBelow(root, path)));
  const commands = new Set(Object.values(bin));
  for (const path of [...new Set([...always, ...named.flat()])].sort())
    yield {
      name: `package/${path}`,
      bytes: await readFile(join(root, path)),
      isExecutable: commands.has(path) || ((await stat(join(root, path))).mode & 0o100) !== 0,
    };
}

/** A file itself, or everything in a folder; no links, which could lead out of the package. */
async function filesBelow(root: string, path: string): Promise<string[]> {
  const parent = await readdir(join(root, dirname(path)), { withFileTypes: true }).catch(() => []);
  const entry = parent.find(({ name }) => join(dirname(path), name) === path);
  if (entry?.isFile()) return [path];
  if (!entry?.isDirectory()) throw new Failure('package-incomplete', `${join(root, path)} is missing`);
  const inside = (await readdir(join(root, path), { withFileTypes: true })).filter(({ name }) => !NEVER.test(name));
  const kept = inside.filter((one) => one.isFile() || one.isDirectory());
  const below = await Promise.all(kept.map(({ name }) => filesBelow(root, `${path}/${name}`)));
  return below.flat();
}
