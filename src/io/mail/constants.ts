/** Time to reach a mail server, and for its greeting after that. */
export const MAIL_CONNECT_TIMEOUT_MS = 10_000;
/** Silence of a mail server in the middle of a conversation after which it is given up; greylisting answers at once. */
export const MAIL_SILENCE_TIMEOUT_MS = 30_000;
/** A whole mail, from the look-up of the name to the server's word that it has it. */
export const MAIL_SEND_TIMEOUT_MS = 60_000;
/** Longest subject; more than a line of a list is not read. */
export const MAIL_SUBJECT_MAX_CHARS = 150;
/** Longest address (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
export const MAIL_ADDRESS_MAX_CHARS = 254;
/** What is kept of a mail server's own words; they are shown to an administrator. */
export const MAIL_ANSWER_MAX_CHARS = 200;
