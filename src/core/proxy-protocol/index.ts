/**
 * The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt, 2020): what a proxy says, before the first byte of
 * a connection or in each datagram, of who really came. Read `read-header.ts` first, then `write-header.ts`. Whom to
 * believe is not decided here: a header proves nothing, so it is read from trusted addresses alone.
 */
export * from './constants.ts';
export { PROXY_HEADER_FAULTS, type ProxyHeader, type ProxyHeaderFault, type ProxyHeaderRead } from './header.ts';
export { readProxyHeader } from './read-header.ts';
export { type ProxyVersion, writeProxyHeader } from './write-header.ts';
