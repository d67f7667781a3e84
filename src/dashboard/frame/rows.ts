/** Lists as they are once one thing in them is different. */

interface Identified {
  readonly id: string;
}

export function withPart<Row extends Identified>(rows: readonly Row[], id: string, part: Partial<Row>): Row[] {
  return rows.map((row) => (row.id === id ? { ...row, ...part } : row));
}

export function withoutRow<Row extends Identified>(rows: readonly Row[], id: string): Row[] {
  return rows.filter((row) => row.id !== id);
}

/** A list with a word, or without it. */
export function toggled(words: readonly string[], word: string, isIn: boolean): string[] {
  const others = words.filter((one) => one !== word);
  return isIn ? [...others, word] : others;
}
