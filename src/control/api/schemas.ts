/** Shapes that several nouns share. Field names are camelCase, times Unix milliseconds, ids opaque. */
import { z } from 'zod';
import { DASHBOARD } from '../../core/blueprint/index.ts';
import { STORE_PAGE_ROWS_MAX } from '../../io/store/constants.ts';
import { SORTED, type SortedBy } from '../../io/store/index.ts';

export const id = z.string().min(1).max(128);
/** One line that reads in one direction: a name stands in logs, exports, mails and header fields. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u, 'one line without control characters');
export const unixMs = z.number().int();
export const version = z.object({ epoch: z.number().int(), revision: z.number().int() });
export const streamPosition = z.object({ epoch: z.number().int(), sequence: z.number().int() });

export const idParams = z.object({ id });

/** Longest cursor: a name or a host of so many bytes, with an id, in base64. */
const CURSOR_MAX = 1024;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(STORE_PAGE_ROWS_MAX).optional().describe('rows of a page'),
  after: id.optional().describe('`next` of the page before'),
});

/** What every list takes besides, with what it can be sorted by. */
function listQueryOf(sorted: SortedBy) {
  const fields = [...Object.keys(sorted), 'created'];
  return searchedQuery.extend({
    sort: z
      .enum(fields.flatMap((field) => [field, `-${field}`]))
      .optional()
      .describe('what the list is sorted by, with - before it backwards; left out: the oldest first'),
  });
}

const searchedQuery = pageQuery.extend({
  after: z.string().min(1).max(CURSOR_MAX).optional().describe('`next` of the page before'),
  q: z.string().trim().max(128).optional().describe('only what has each of these words somewhere in its name'),
  ids: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(id).min(1).max(STORE_PAGE_ROWS_MAX))
    .optional()
    .describe('only these, with commas between'),
  count: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional()
    .describe('say in the answer how many there are on all pages together'),
});

/** Of what has a name, and of what can be sorted by more. */
export const listQuery = listQueryOf(SORTED.named);
export const resourcesQuery = listQueryOf(SORTED.resources);
export const targetsQuery = listQueryOf(SORTED.targets);
export const usersQuery = listQueryOf(SORTED.users);
export const invitationsQuery = listQueryOf(SORTED.invitations);
export const credentialsQuery = listQueryOf(SORTED.credentials);
export const popsQuery = listQueryOf(SORTED.pops);

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable(),
    count: z.number().int().optional().describe('of all pages together, where it was asked for'),
  });
}

export const location = z.object({
  name,
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});

/** RFC 9457, with a stable `code`. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  problems: z
    .array(
      z.object({
        path: z.string(),
        expected: z.string(),
        found: z.string().optional(),
        line: z.number().int().optional(),
      }),
    )
    .optional()
    .describe('which fields are wrong'),
});

/** Who owns a thing; see docs/blueprints.md. */
export const source = z
  .string()
  .describe('who owns it: dashboard, file:NAME or docker:CONNECTOR; others may not change it');

export function sourceItem({ source: owner }: { readonly source?: string | null | undefined }): string {
  return owner ?? DASHBOARD;
}

export const nothing = z.null().describe('no content');
