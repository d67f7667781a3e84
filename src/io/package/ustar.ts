/**
 * Files as a tar archive in the `ustar` format (POSIX.1-1988, "ustar Interchange Format"), which npm, GNU tar and bsdtar read.
 * Regular files alone, with no owner and no time of their own, so that the same files give the same bytes everywhere.
 *
 * | bytes | field    |  | bytes | field    |
 * |-------|----------|--|-------|----------|
 * | 100   | name     |  | 1     | typeflag |
 * | 8     | mode     |  | 100   | linkname |
 * | 8 + 8 | uid, gid |  | 8     | magic    |
 * | 12    | size     |  | 80    | owners, device |
 * | 12    | mtime    |  | 155   | prefix   |
 * | 8     | chksum   |  | 12    | (nothing) |
 */
export interface ArchivedFile {
  /** Within the archive, `/` between parts. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const CHECKSUM_AT = 148;
/** The time that `npm pack` gives files: a day in 1985, late enough for every time zone and archive. */
const MTIME_SECONDS = 499_162_500;

/** The archive, a file at a time. Throws where a name is too long for the format. */
export async function* ustarOf(files: AsyncIterable<ArchivedFile>): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield headerOf(file);
    yield file.bytes;
    yield new Uint8Array(padding(file.bytes.length));
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

function padding(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function headerOf({ name, bytes, isExecutable }: ArchivedFile): Uint8Array {
  const { prefix, rest } = splitName(name);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(rest, 0);
  header.write(octal(isExecutable ? 0o755 : 0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(bytes.length, 12), 124);
  header.write(octal(MTIME_SECONDS, 12), 136);
  // The sum is made with blanks in its own place.
  header.write(' '.repeat(8), CHECKSUM_AT);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, CHECKSUM_AT);
  return header;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\u0000`;
}

/** A long name is cut at a `/` into two fields. */
function splitName(name: string): { prefix: string; rest: string } {
  if (Buffer.byteLength(name) <= NAME_BYTES) return { prefix: '', rest: name };
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(rest) <= NAME_BYTES && Buffer.byteLength(prefix) <= PREFIX_BYTES) return { prefix, rest };
  }
  throw new Error(`${name} is too long for an archive`);
}
