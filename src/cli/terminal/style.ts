/** A few calm marks for people who read a terminal; nothing where the output goes elsewhere. */
export interface Style {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  link(text: string): string;
}

export function createStyle(hasColour: boolean): Style {
  const mark = (open: number, close: number) => (text: string) =>
    hasColour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { strong: mark(1, 22), dim: mark(2, 22), good: mark(32, 39), bad: mark(31, 39), link: mark(36, 39) };
}

/** Marks where a person reads a stream who did not ask for none (https://no-color.org). */
export function styleFor(stream: { readonly isTTY?: boolean }, { noColor }: { readonly noColor: boolean }): Style {
  return createStyle(stream.isTTY === true && !noColor);
}
