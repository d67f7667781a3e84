import { MAIL_ADDRESS_MAX_CHARS } from './constants.ts';

/**
 * An address as it may stand in an envelope and a header field with nothing quoted or escaped: a dot-atom (RFC 5322
 * section 3.2.3) at a domain name. Everything that could be read in two ways (quoted local parts, comments, lists, line
 * breaks, what is not ASCII) is none.
 */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Longest local part (RFC 5321 section 4.5.3.1.1). */
const LOCAL_MAX_CHARS = 64;

export function isMailAddress(text: string): boolean {
  return text.length <= MAIL_ADDRESS_MAX_CHARS && text.lastIndexOf('@') <= LOCAL_MAX_CHARS && ADDRESS.test(text);
}

/** One line without control characters, in whatever alphabet: it is encoded before it is in a header field. */
export function isHeaderText(text: string, maximumChars: number): boolean {
  return text.length <= maximumChars && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text);
}
