/** What `include` of an nginx file leads to. The file may be anybody's, so it leads to no more than files of its own folder. */
import { closeSync, constants, fstatSync, globSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { IncludeReader, NginxFile, UnreadFile } from '../../core/blueprint/index.ts';

/** Files that one import reads, those that are included several times as often: a server has dozens. */
const INCLUDED_FILES_MAX = 500;
/** Longest of them: what people write is a hundredth of it. */
const INCLUDED_FILE_BYTES_MAX = 1024 * 1024;

/** As nginx finds them: beside the main file. Links may lead about within its folder, as those of `sites-enabled` do. */
export function includesOf(main: string): IncludeReader {
  const folder = dirname(realpathSync(main));
  let left = INCLUDED_FILES_MAX;
  return (pattern) => {
    // In nginx two stars are one.
    const wanted = resolve(dirname(resolve(main)), pattern.replaceAll('**', '*'));
    const start = wanted.split(/[*?[{]/, 1)[0] ?? '';
    if (!isWithin(folder, start) && !isWithin(dirname(resolve(main)), start)) return [outside(pattern, folder)];
    return globSync(wanted)
      .sort()
      .map((path) =>
        left-- > 0 ? included(path, folder) : { path, fault: `is one of more than ${INCLUDED_FILES_MAX}` },
      );
  };
}

function included(path: string, folder: string): NginxFile | UnreadFile {
  try {
    if (!isWithin(folder, realpathSync(path))) return outside(path, folder);
    // A pipe is opened without waiting for whoever writes to it.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(file);
      if (!fstatSync(file).isFile()) return { path, fault: 'is no ordinary file' };
      if (size > INCLUDED_FILE_BYTES_MAX) return { path, fault: `is larger than ${INCLUDED_FILE_BYTES_MAX} bytes` };
      const bytes = Buffer.alloc(size);
      return { path, text: bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0)) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { path, fault: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function outside(path: string, folder: string): UnreadFile {
  return { path, fault: `is outside of ${folder}` };
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : `${folder}${sep}`);
}
