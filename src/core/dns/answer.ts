import { assertNever, type IpAddress } from '../../base/index.ts';
import {
  NEGATIVE_TTL_SECONDS,
  PLAIN_UDP_ANSWER_MAX_BYTES,
  SOA_EXPIRE_SECONDS,
  SOA_REFRESH_SECONDS,
  SOA_RETRY_SECONDS,
  TCP_MESSAGE_MAX_BYTES,
  TEXT_TTL_SECONDS,
  UDP_ANSWER_MAX_BYTES,
  ZONE_TTL_SECONDS,
} from './constants.ts';
import { type ClientSubnet, type DnsDropReason, type Query, readQuery } from './query.ts';
import { CLASS_IN, type RcodeName, TYPE } from './wire.ts';
import { type Answer, type ResourceRecord, writeAnswer, writeBad, writeTruncated } from './write.ts';
import type { Zone, ZoneName, Zones } from './zone.ts';

/** What the server can say now. */
export type DnsState =
  | { readonly kind: 'serving'; readonly zones: Zones }
  /** No zone is delegated to it: every name is somebody else's. */
  | { readonly kind: 'no-zone' }
  /** It does not know enough to decide; a wrong answer would be cached. */
  | { readonly kind: 'unable' };

/** The addresses of a host for one client. */
export interface Steered {
  readonly addresses: readonly IpAddress[];
  readonly ttlSeconds: number;
  /** For how many bits of the client's subnet; 0 where the subnet said nothing. */
  readonly scopeBits: number;
}

export interface AnswerContext {
  readonly state: DnsState;
  readonly transport: 'udp' | 'tcp';
  /** Says "ask over TCP" to whatever could be understood. */
  readonly mustTruncate: boolean;
  steer(version: 4 | 6, subnet: ClientSubnet | undefined): Steered;
}

/** What came of a message: the bytes to send back, and the name under which it is counted. */
export interface DnsOutcome {
  readonly bytes: Uint8Array | undefined;
  readonly name: `dns-${Lowercase<RcodeName>}` | 'dns-nodata' | 'dns-truncated' | DnsDropReason;
}

/** Answers one message. */
export function respond(message: Uint8Array, context: AnswerContext): DnsOutcome {
  const query = readQuery(message);
  switch (query.kind) {
    case 'drop':
      return { bytes: undefined, name: query.reason };
    case 'bad':
      return { bytes: writeBad(query), name: nameOf(query.rcode) };
    case 'query':
      return context.mustTruncate
        ? { bytes: writeTruncated(query), name: 'dns-truncated' }
        : answerQuery(query, context);
    default:
      return assertNever(query);
  }
}

function answerQuery(query: Query, context: AnswerContext): DnsOutcome {
  const { answer, originBytes } = judge(query, context);
  const bytes = writeAnswer(query, answer, { originBytes, maxBytes: largestAnswer(query, context.transport) });
  const isNodata = answer.rcode === 'NOERROR' && answer.answers.length === 0;
  return { bytes, name: isNodata ? 'dns-nodata' : nameOf(answer.rcode) };
}

function nameOf(rcode: RcodeName): DnsOutcome['name'] {
  return `dns-${rcode.toLowerCase() as Lowercase<RcodeName>}`;
}

/** The client's word on its size, within reason. */
function largestAnswer({ edns }: Query, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return TCP_MESSAGE_MAX_BYTES;
  const asked = edns?.udpBytes ?? PLAIN_UDP_ANSWER_MAX_BYTES;
  return Math.min(UDP_ANSWER_MAX_BYTES, Math.max(PLAIN_UDP_ANSWER_MAX_BYTES, asked));
}

interface Judged {
  readonly answer: Answer;
  readonly originBytes: number;
}

function judge(query: Query, context: AnswerContext): Judged {
  const { state } = context;
  if (query.edns && query.edns.version !== 0) return refusal('BADVERS');
  if (state.kind === 'unable') return refusal('SERVFAIL');
  if (state.kind === 'no-zone' || query.class !== CLASS_IN || isTransfer(query.type)) return refusal('REFUSED');
  const zone = state.zones.of(query.name);
  if (!zone) return refusal('REFUSED');
  const found = zone.at(query.name);
  if (found.kind === 'outside') return refusal('REFUSED');
  const originBytes = zone.facts.origin.length + 2;
  if (found.kind === 'missing') return { answer: negative('NXDOMAIN', zone, 0), originBytes };
  return { answer: answerAt(found, zone, query, context), originBytes };
}

function refusal(rcode: RcodeName): Judged {
  const answer: Answer = { rcode, isAuthoritative: false, ...NOTHING, scopeBits: 0 };
  return { answer, originBytes: 0 };
}

const NOTHING = { answers: [], authorities: [], additionals: [] } as const;

function isTransfer(type: number): boolean {
  return type === TYPE.AXFR || type === TYPE.IXFR;
}

/** NXDOMAIN, or NODATA, with the SOA that says for how long (RFC 2308). */
function negative(rcode: 'NXDOMAIN' | 'NOERROR', zone: Zone, scopeBits: number): Answer {
  return { rcode, isAuthoritative: true, ...NOTHING, authorities: [soaOf(zone, NEGATIVE_TTL_SECONDS)], scopeBits };
}

type Found = Extract<ZoneName, { kind: 'name' }>;

function answerAt(found: Found, zone: Zone, query: Query, context: AnswerContext): Answer {
  const version = query.type === TYPE.A ? 4 : query.type === TYPE.AAAA ? 6 : undefined;
  const steered = version && found.isSteered ? context.steer(version, query.edns?.subnet) : undefined;
  const scopeBits = query.edns?.subnet?.address ? (steered?.scopeBits ?? 0) : 0;
  const answers = steered
    ? steered.addresses.map((address) => addressOf('question', address, steered.ttlSeconds))
    : recordsAt(found, zone, query.type);
  if (answers.length === 0) return negative('NOERROR', zone, scopeBits);
  const additionals = query.type === TYPE.NS ? glueOf(zone) : [];
  return { rcode: 'NOERROR', isAuthoritative: true, answers, authorities: [], additionals, scopeBits };
}

function recordsAt({ isOrigin, nameserver, texts }: Found, zone: Zone, type: number): ResourceRecord[] {
  const { nameservers, caa } = zone.facts;
  const ttlSeconds = ZONE_TTL_SECONDS;
  const own = (data: ResourceRecord['data'], seconds = ttlSeconds) =>
    ({ owner: 'question', ttlSeconds: seconds, data }) as const;
  switch (type) {
    case TYPE.A:
    case TYPE.AAAA: {
      const version = type === TYPE.A ? 4 : 6;
      const addresses = nameserver?.addresses.filter((address) => address.version === version) ?? [];
      return addresses.map((address) => addressOf('question', address, ttlSeconds));
    }
    case TYPE.NS:
      return isOrigin ? nameservers.map(({ label }) => own({ kind: 'ns', label })) : [];
    case TYPE.SOA:
      return isOrigin ? [soaOf(zone, ttlSeconds)] : [];
    case TYPE.CAA:
      return isOrigin ? caa.map((one) => own({ kind: 'caa', ...one })) : [];
    case TYPE.TXT:
      return texts.map((text) => own({ kind: 'txt', text }, TEXT_TTL_SECONDS));
    case TYPE.ANY:
      return [own({ kind: 'hinfo', cpu: 'RFC8482', os: '' })];
    default:
      return [];
  }
}

function addressOf(owner: ResourceRecord['owner'], address: IpAddress, ttlSeconds: number): ResourceRecord {
  return { owner, ttlSeconds, data: { kind: 'address', address } };
}

function glueOf(zone: Zone): ResourceRecord[] {
  return zone.facts.nameservers.flatMap(({ label, addresses }) =>
    addresses.map((address) => addressOf({ label }, address, ZONE_TTL_SECONDS)),
  );
}

function soaOf({ facts }: Zone, ttlSeconds: number): ResourceRecord {
  const primary = facts.nameservers[0]?.label ?? 'ns1';
  const timers = [SOA_REFRESH_SECONDS, SOA_RETRY_SECONDS, SOA_EXPIRE_SECONDS, NEGATIVE_TTL_SECONDS] as const;
  return {
    owner: 'origin',
    ttlSeconds,
    data: { kind: 'soa', primary, mailbox: 'hostmaster', numbers: [facts.serial, ...timers] },
  };
}
