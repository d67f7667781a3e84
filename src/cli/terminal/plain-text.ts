/** What a command may say to a terminal. */
import { plainJson, UNPLAIN } from '../../base/index.ts';

/** Marks of `createStyle`, lines, or a sign that is not plain. */
const MARK_LINE_OR_UNPLAIN = new RegExp(
  `(\\u001b\\[(?:1|2|22|31|32|36|39)m|\\r?\\n|\\t)|${UNPLAIN.source}`,
  UNPLAIN.flags,
);

/** What a command prints, whole: its own marks stay, and nothing else that a terminal obeys. */
export function terminalText(text: string): string {
  return text.replace(MARK_LINE_OR_UNPLAIN, (_sign, kept: string | undefined) => kept ?? ' ');
}

/** JSON for programs; people look at it, too. */
export function jsonText(value: unknown, indent?: number): string {
  return plainJson(JSON.stringify(value, null, indent) ?? 'null');
}
