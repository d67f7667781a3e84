/** By what lists can be sorted beside `created`, which every list has: ids grow with time. */

/** Columns behind a field of the API: the first that is not empty counts, and no difference is made of a and A. */
export type SortedBy = Readonly<Record<string, readonly [string, ...string[]]>>;

const NAME = { name: ['name'] } as const satisfies SortedBy;

/** Every list that has words to sort by. Those that get long have an index for each (migration-of-sorting.ts). */
export const SORTED = {
  named: NAME,
  resources: { ...NAME, host: ['host'], kind: ['kind'] },
  targets: { host: ['host'] },
  users: { name: ['name', 'email'], email: ['email'] },
  invitations: { email: ['email'] },
  credentials: { ...NAME, method: ['method'] },
  pops: { ...NAME, location: ['location_name'] },
} as const satisfies Readonly<Record<string, SortedBy>>;
