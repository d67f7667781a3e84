/** What is read for a publication: everything, or what was touched since the one before. */
import { assertNever } from '../../base/index.ts';
import type { RecordKind, RecordReference, SnapshotVersion } from '../../core/link/index.ts';
import {
  type PublishedPart,
  type PublishedRows,
  publishedPartOf,
  publishedRows,
  type Store,
  type StoreTransaction,
  type TouchCursor,
  touchCursor,
  touchesSince,
} from '../../io/store/index.ts';

export interface Reading {
  readonly rows: PublishedRows;
  /** What they are of all there is; undefined: everything. */
  readonly part: PublishedPart | undefined;
  /** Touches up to here are in it. */
  readonly cursor: TouchCursor;
}

/** Where the last one ended. */
export interface ReadBefore {
  readonly cursor: TouchCursor;
  readonly version: SnapshotVersion;
}

/** Rows of one moment. After another epoch began, or where nobody knows what was touched, it is everything. */
export function readForPublication(store: Store, before: ReadBefore | undefined): Promise<Reading> {
  return store.read(async (queries) => {
    const cursor = await touchCursor(queries);
    const part = before && (await partSince(queries, before, cursor));
    const rows = await publishedRows(queries, part);
    if (part === undefined || rows.counters.epoch === before?.version.epoch) return { rows, part, cursor };
    return { rows: await publishedRows(queries), part: undefined, cursor };
  });
}

async function partSince(
  queries: StoreTransaction,
  before: ReadBefore,
  cursor: TouchCursor,
): Promise<PublishedPart | undefined> {
  const touches = await touchesSince(queries, before.cursor, cursor);
  return touches && publishedPartOf(queries, touches);
}

/** The records that may be there of what was read. One that is not, though it is named here, is gone. */
export function recordsNamedBy(part: PublishedPart): RecordReference[] {
  return [...part].flatMap(([noun, id]) => kindsOf(noun).map((kind) => ({ kind, id })));
}

type Noun = PublishedPart extends Iterable<readonly [infer Found, string]> ? Found : never;

function kindsOf(noun: Noun): readonly RecordKind[] {
  switch (noun) {
    case 'resource':
      return ['resource', 'streamResource'];
    case 'site':
      return ['siteGrant'];
    case 'organisation':
    case 'control':
    case 'connector':
    case 'device':
    case 'user':
    case 'knownDevice':
    case 'identityProvider':
    case 'certificate':
    case 'acmeChallenge':
    case 'clientAuthority':
    case 'credential':
    case 'domain':
    case 'ticketSecret':
    case 'mail':
    case 'organisationPolicy':
      return [noun];
    default:
      return assertNever(noun);
  }
}
