/**
 * A backup as a file, the same for every dialect: lines of JSON.
 *
 *     {"manis":"store backup","format":1,"schema":5,"createdUnixMs":...}
 *     ["users",{"id":"usr_...",...}]
 *     ...
 *     {"rows":123,"sha256":"..."}           over every line before, ends of lines included
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { OWNER_ONLY } from '../../files.ts';
import { ARCHIVE_LINE_MAX_BYTES, ARCHIVE_PAGE_ROWS } from '../constants.ts';
import { StoreFailure } from '../store-failure.ts';
import type { Row, RowPage, RowSource } from './read-rows.ts';

const FORMAT = 1;

export interface WrittenBackup {
  readonly rows: number;
  readonly bytes: number;
}

/** Writes the file whole or not at all, for its owner alone: it holds every key. One that is there is not overwritten. */
export async function writeBackup(
  path: string,
  source: RowSource,
  options: { readonly nowUnixMs: number; readonly progress?: (table: string, rows: number) => void },
): Promise<WrittenBackup> {
  const beside = `${path}.part`;
  let file: FileHandle | undefined;
  try {
    await refuseExisting(path);
    await rm(beside, { force: true });
    file = await open(beside, 'wx', OWNER_ONLY);
    const written = await writeLines(file, source, options);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(beside, path);
    return written;
  } catch (error) {
    await file?.close();
    await rm(beside, { force: true });
    if (error instanceof StoreFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreFailure('store-unreadable', `the backup ${path} cannot be written: ${why}`, error);
  }
}

async function refuseExisting(path: string): Promise<void> {
  const existing = await open(path, 'r').catch(() => undefined);
  await existing?.close();
  if (existing) throw new StoreFailure('store-not-empty', `${path} exists already; give another name`);
}

async function writeLines(
  file: FileHandle,
  source: RowSource,
  { nowUnixMs, progress }: Parameters<typeof writeBackup>[2],
): Promise<WrittenBackup> {
  const hash = createHash('sha256');
  let bytes = 0;
  let rows = 0;
  const write = async (text: string): Promise<void> => {
    const data = Buffer.from(text);
    hash.update(data);
    bytes += data.length;
    await file.writeFile(data);
  };
  const head = { manis: 'store backup', format: FORMAT, schema: source.schema, createdUnixMs: nowUnixMs };
  await write(`${JSON.stringify(head)}\n`);
  for await (const page of source.pages()) {
    await write(page.rows.map((row) => `${JSON.stringify([page.table, row])}\n`).join(''));
    rows += page.rows.length;
    progress?.(page.table, rows);
  }
  const sha256 = hash.copy().digest('hex');
  await write(`${JSON.stringify({ rows, sha256 })}\n`);
  return { rows, bytes };
}

/** Reads a backup: first to its end, to see that it is whole and undamaged; what it gives reads it once more. */
export async function openBackup(path: string): Promise<RowSource> {
  const hash = createHash('sha256');
  let schema: number | undefined;
  let rows = 0;
  let end: { readonly rows?: unknown; readonly sha256?: unknown } | undefined;
  for await (const line of linesOf(path)) {
    if (end) throw damaged(path, 'there is something behind its end');
    if (schema === undefined) schema = readHead(path, line);
    else if (line.startsWith('[')) rows++;
    else {
      end = parse(path, line) as typeof end;
      continue;
    }
    hash.update(`${line}\n`);
  }
  if (schema === undefined || !end) throw damaged(path, 'its end is missing');
  if (end.rows !== rows || end.sha256 !== hash.digest('hex')) throw damaged(path, 'its checksum does not fit');
  return { schema, pages: () => pagesOf(path) };
}

function readHead(path: string, line: string): number {
  const { manis, format, schema } = parse(path, line) as Record<string, unknown>;
  if (manis !== 'store backup') throw damaged(path, 'it is no backup of a store');
  if (format !== FORMAT || typeof schema !== 'number')
    throw new StoreFailure('store-newer', `the backup ${path} has a form that this version does not know`);
  return schema;
}

async function* pagesOf(path: string): AsyncGenerator<RowPage> {
  let page: { table: string; rows: Row[] } | undefined;
  for await (const line of linesOf(path)) {
    if (!line.startsWith('[')) continue;
    const [table, row] = parse(path, line) as [string, Row];
    if (page && (page.table !== table || page.rows.length >= ARCHIVE_PAGE_ROWS)) {
      yield page;
      page = undefined;
    }
    page ??= { table, rows: [] };
    page.rows.push(row);
  }
  if (page) yield page;
}

/** Lines end in a line feed and nowhere else: JSON escapes those within. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
        yield rest.toString('utf8', 0, at);
        rest = rest.subarray(at + 1);
      }
      if (rest.length > ARCHIVE_LINE_MAX_BYTES) throw damaged(path, 'a line is too long');
    }
  } catch (error) {
    if (error instanceof StoreFailure) throw error;
    throw new StoreFailure('store-unreadable', `the backup ${path} cannot be read: ${(error as Error).message}`, error);
  }
  if (rest.length > 0) throw damaged(path, 'its end is missing');
}

function parse(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(path, 'a line is not JSON');
  }
}

function damaged(path: string, why: string): StoreFailure {
  return new StoreFailure('store-corrupt', `the backup ${path} cannot be used: ${why}`);
}
