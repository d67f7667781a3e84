/** The largest of all by a size; the first of several, undefined of none. */
export function largestBy<Each>(all: Iterable<Each>, sizeOf: (each: Each) => number): Each | undefined {
  let found: Each | undefined;
  for (const each of all) if (found === undefined || sizeOf(each) > sizeOf(found)) found = each;
  return found;
}
