/** What somebody meant who mistyped it. */

/** A word of four letters may have one wrong, one of eight two. */
const LETTERS_A_MISTAKE = 4;
/** Longer words are no slips of the finger, and cost time. */
const LONGEST = 64;

/** The nearest of some words, where it is near enough; the first of several. */
export function closestOf(word: string, words: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const wanted = word.toLowerCase();
  let [best, least]: [string | undefined, number] = [
    undefined,
    Math.max(1, Math.floor(word.length / LETTERS_A_MISTAKE)) + 1,
  ];
  for (const candidate of words) {
    const distance = distanceOf(wanted, candidate.toLowerCase().slice(0, LONGEST + 1), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters that are wrong, missing, too many or in each other's place (optimal string alignment); `most` for as many or more. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const before = rows[i - 1] ?? [];
      let distance = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + cost);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) distance = Math.min(distance, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(distance);
    }
    rows.push(row);
  }
  return Math.min(most, rows[a.length]?.[b.length] ?? most);
}
