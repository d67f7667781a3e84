/** Text of others where it is read: names, paths and answers move no cursor, end no line and turn none around. */

/** Controls of C0 and C1 (ECMA-48), and what orders text from right to left and back (Unicode Standard Annex #9, section 2). */
export const UNPLAIN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** One line without any of them. */
export function printable(text: string): string {
  return text.replace(UNPLAIN, ' ');
}

/** The same of several lines. */
export function printableLines(text: string): string {
  return text.replace(UNPLAIN, (sign) => (sign === '\n' || sign === '\t' ? sign : ' '));
}

/** JSON that says the same without any of them: `JSON.stringify` leaves DEL, C1 and orders of direction as they are. */
export function plainJson(json: string): string {
  return json.replace(UNPLAIN, (sign) =>
    sign === '\n' ? sign : `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
