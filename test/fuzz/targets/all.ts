/** Every target, made when it is asked for. */
import type { FuzzTarget } from '../target.ts';
import { carrierFrames } from './carrier-frames.ts';
import { clientHelloTarget } from './client-hello.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import { linkCodec } from './link-codec.ts';
import { netstack } from './netstack.ts';
import { proxyProtocol } from './proxy-protocol.ts';
import { requestWords } from './request-words.ts';
import { wireguard } from './wireguard.ts';

export const TARGETS: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  http,
  'client-hello': clientHelloTarget,
  'proxy-protocol': () => proxyProtocol,
  dns: () => dns,
  wireguard,
  netstack,
  'link-codec': () => linkCodec,
  'carrier-frames': () => carrierFrames,
  'request-words': () => requestWords,
};
