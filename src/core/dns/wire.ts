/** Numbers on the wire (IANA: Domain Name System Parameters). */

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const CLASS_IN = 1;
/** In updates: what is to be gone (RFC 2136 section 2.5). */
export const CLASS_NONE = 254;
export const CLASS_ANY = 255;
/** The opcode UPDATE in its place in the flags. */
export const OPCODE_UPDATE = 0x2800;

export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** Extended: its upper bits are in the OPT record (RFC 6891 section 6.1.3). */
  BADVERS: 16,
} as const;

export type RcodeName = keyof typeof RCODE;

/** Flags of the header's second 16 bits (RFC 1035 section 4.1.1). */
export const FLAG = {
  RESPONSE: 0x8000,
  AUTHORITATIVE: 0x0400,
  TRUNCATED: 0x0200,
  RECURSION_DESIRED: 0x0100,
  OPCODE: 0x7800,
} as const;

export const HEADER_BYTES = 12;
export const OPTION_CLIENT_SUBNET = 8;
export const EDNS_DO = 0x8000;
export const LABEL_MAX_BYTES = 63;
export const NAME_MAX_BYTES = 255;
