/**
 * link: the one definition of everything that control, PoPs and connectors say to one another: records, snapshot and
 * delta, messages, enrolment, site grants, and their codecs. Read `messages.ts` for the order of exchange.
 */
export * from './enrolment.ts';
export * from './messages.ts';
export * from './records.ts';
