/** The one way from a command to a terminal. */
import { jsonText, terminalText } from './plain-text.ts';

/** To standard output, with the end of the line. */
export function say(text: string): void {
  sayRaw(`${text}\n`);
}

/** As it is, but for what a terminal would obey. */
export function sayRaw(text: string): void {
  process.stdout.write(terminalText(text));
}

/** For programs; people look at it, too. */
export function sayJson(value: unknown, indent?: number): void {
  process.stdout.write(`${jsonText(value, indent)}\n`);
}

/** To standard error: what is not the answer itself. */
export function sayAside(text: string): void {
  process.stderr.write(terminalText(text));
}
