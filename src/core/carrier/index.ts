/**
 * core/carrier: WireGuard messages inside a WebSocket over TLS, for networks that let no UDP through: how they are framed
 * (`frame.ts`), and when a connector opens such a carrier and trusts UDP again (`policy.ts`). No sockets.
 *
 * Read: RFC 6455 (The WebSocket Protocol); docs/decisions/0017 and 0018.
 */
export * from './constants.ts';
export * from './frame.ts';
export * from './policies.ts';
export * from './policy.ts';
