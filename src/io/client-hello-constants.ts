/** Longest beginning of a connection that is looked at; with post-quantum keys a ClientHello has about 2 kB. */
export const CLIENT_HELLO_MAX_BYTES = 16_384;
/** Records that one ClientHello may come in; in the field it is one or two. */
export const CLIENT_HELLO_MAX_RECORDS = 8;
/** Certificates of a client's chain that are kept, the authority's included. */
export const CLIENT_CHAIN_MAX = 6;
/** Protocols of one ClientHello that are read: browsers offer two or three. */
export const PROTOCOLS_MAX = 16;
