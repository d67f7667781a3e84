/**
 * link: the one definition of everything that control, PoPs and connectors say to one another: records, snapshot and
 * delta, messages, enrolment, site grants, and their codecs. Read `messages.ts` for the order of exchange.
 */
export * from './audit-event.ts';
export * from './canonical-json.ts';
export * from './codec.ts';
export * from './connector-blueprint.ts';
export * from './constants.ts';
export * from './device-stream.ts';
export * from './diagnosis.ts';
export * from './dialled-target.ts';
export * from './domain-questions.ts';
export * from './enrolment.ts';
export * from './heard-pops.ts';
export * from './join-token.ts';
export * from './judged-by-pops.ts';
export * from './messages.ts';
export * from './record-table.ts';
export * from './records.ts';
export * from './records-of-access.ts';
export * from './records-of-certificates.ts';
export * from './records-of-edge.ts';
export * from './records-of-streams.ts';
export type { ReplayedMessage, ReplayMessage } from './replay-messages.ts';
export * from './request-record.ts';
export * from './signed.ts';
export * from './snapshot.ts';
export * from './state-hash.ts';
export * from './ticket-spans.ts';
export * from './version.ts';
