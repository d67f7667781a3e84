/**
 * Mozilla's intermediate list (version 5.7) without DHE: with TLS 1.2 every suite has forward secrecy by ECDHE and is
 * authenticated encryption. TLS 1.3 has its own suites.
 */
export const TLS12_CIPHERS =
  'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:' +
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:' +
  'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';
/** Hosts whose tickets this process makes just now; for another, the one that was used longest ago makes room. */
export const TICKET_HOSTS_MAX = 4_096;
/** What Node's TLS is given at once of a ClientHello that was looked at: less than the 1,024 bytes of its first buffer, lest it takes one of 16 KiB. */
export const HELLO_PIECE_BYTES = 1_000;
