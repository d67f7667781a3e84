/**
 * dns: an authoritative name server as functions from bytes to bytes. It knows one zone and asks somebody else for the
 * addresses of its hosts. Sources: RFC 1034 and 1035, RFC 2308 (negative answers), RFC 6891 (EDNS), RFC 7871 (client
 * subnet), RFC 8482 (ANY), RFC 8659 (CAA), RFC 9619 (one question).
 *
 * Read first: `zone.ts` (which names there are), `answer.ts` (what is answered), then `query.ts` and `write.ts` (bytes).
 */
export { type AnswerContext, type DnsOutcome, type DnsState, respond, type Steered } from './answer.ts';
export { NAMESERVERS_MAX } from './constants.ts';
export {
  type LookupAnswer,
  type LookupFault,
  type LookupRecord,
  type LookupType,
  readLookup,
  writeLookup,
} from './lookup.ts';
export { nameBytes } from './names.ts';
export { type ClientSubnet, type DnsDropReason, type Query, readQuery } from './query.ts';
export { type RateVerdict, ResponseRateLimiter } from './rate-limiter.ts';
export {
  readUpdateReply,
  type SignedReply,
  type TextUpdate,
  type TsigAlgorithm,
  type TsigKey,
  tsigInput,
  tsigTimes,
  withTsig,
  writeTextUpdate,
} from './update.ts';
export { type CaaRecord, type Nameserver, Zone, type ZoneFacts, Zones } from './zone.ts';
