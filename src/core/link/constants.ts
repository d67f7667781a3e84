/** Longest text of one frame from control to a PoP, in UTF-16 units: a snapshot of `MAX_RECORDS` ordinary records is a fifth. */
export const MAX_CONTROL_FRAME_CHARS = 192 * 1024 * 1024;
/** Longest text of one frame from a PoP to control. */
export const MAX_POP_FRAME_CHARS = 1024 * 1024;
/** Longest line inside a tunnel, from a connector, a PoP or another PoP: a site grant with thousands of targets. */
export const MAX_CONNECTOR_LINE_CHARS = 2 * 1024 * 1024;
/** Deepest nesting of a message: policies nest conditions, nothing else nests much. */
export const MAX_MESSAGE_DEPTH = 40;
/** Most records in one snapshot, put or remove list. */
export const MAX_RECORDS = 200_000;
/** Most entries of any other list (status, audit batch, endpoints, roles). */
export const MAX_LIST_ENTRIES = 10_000;
/** Longest identifier. */
export const MAX_ID_CHARS = 128;
/** Longest name, host, key, address or reason. */
export const MAX_NAME_CHARS = 1024;
/** Longest token that a new node is handed. */
export const MAX_JOIN_TOKEN_CHARS = 4096;
/** Places that such a token may name: control nodes and the portal. */
export const MAX_JOIN_URLS = 16;
/** Longest code of a target's health. */
export const MAX_REASON_CHARS = 64;
/** Longest free text: PEM chains, paths. */
export const MAX_TEXT_CHARS = 256 * 1024;
/** Longest payload of a signed document. */
export const MAX_PAYLOAD_CHARS = 2 * 1024 * 1024;
/** Parts that the records of one kind are kept in where they are many: a change copies one, and a list of them all. */
export const RECORD_BUCKETS = 512;
/** Up to so many records of a kind are kept in one part, in their order. */
export const RECORDS_IN_ONE_BUCKET = 512;
/** Buckets of the state hash; a change re-hashes one of them. */
export const STATE_HASH_BUCKETS = 256;
/** Random bytes of a challenge, of a PoP's nonce and of a link secret. */
export const LINK_NONCE_BYTES = 32;
/** Label of the TLS exporter (RFC 5705, RFC 8446 section 7.5) that binds a link's signatures to its connection. */
export const LINK_EXPORTER_LABEL = 'EXPORTER-manis-link';
/** Bytes taken from the TLS exporter. */
export const LINK_EXPORTER_BYTES = 32;
/** Requests of the log in one message; a PoP logs no more of a second than a few of these. */
export const MAX_REQUESTS_IN_MESSAGE = 500;
/** Longest trace of rules of one request, in UTF-16 units. */
export const MAX_REQUEST_TRACE_CHARS = 16 * 1024;
/** Named reasons that a second of traffic tells apart: there are fewer. */
export const MAX_TRAFFIC_REASONS = 256;
/** Upper bounds of the counts by latency, close enough together that a percentile between two of them means something. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10_000, 30_000,
];
/** Captured requests in one message; large ones come alone. */
export const MAX_CAPTURES_IN_MESSAGE = 100;
/** A captured body in base64: 256 KiB, and some more where hiding made it longer. */
export const MAX_CAPTURED_BODY_CHARS = 400 * 1024;
/** Longest field or target of a captured request: more than a head may have. */
export const MAX_CAPTURED_FIELDS_CHARS = 64 * 1024;
/** A body of a replay in base64: as much as is captured of one, or as is given in its place. */
export const MAX_REPLAYED_BODY_CHARS = 512 * 1024;
/** Fields of a replay: as many as the door of a PoP lets in. */
export const MAX_REPLAYED_FIELDS = 128;
