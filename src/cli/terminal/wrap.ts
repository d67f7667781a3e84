/** Text on lines that are no longer than a terminal is wide. */

/** `a long na…` */
export function cutText(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Lines of whole words; a word that is longer than a line has one for itself. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/**
 * Two columns: what something is called, and what there is to say of it, which goes on below itself.
 * @param columns of the terminal.
 * @param look what the first column looks like; it takes no room.
 */
export function formatPairs(
  pairs: readonly (readonly [name: string, text: string])[],
  columns: number = Number.POSITIVE_INFINITY,
  look: (name: string) => string = (name) => name,
  indent: string = '',
): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  const room = Math.max(LEAST_ROOM, columns - indent.length - width - 2);
  return pairs.flatMap(([name, text]) => {
    const [first = '', ...more] = wrapText(text, room);
    const head = `${indent}${look(name)}${' '.repeat(width - name.length)}  ${first}`.trimEnd();
    return [head, ...more.map((line) => `${indent}${' '.repeat(width)}  ${line}`)];
  });
}

/** However narrow it is: a few words. */
const LEAST_ROOM = 24;
