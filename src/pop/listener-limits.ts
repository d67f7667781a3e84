import type { ListenerLimits } from '../io/https-server.ts';
import {
  CLIENT_IDLE_MS,
  CLIENT_KEEP_ALIVE_MS,
  HANDSHAKE_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  MAXIMUM_HEADER_BYTES,
  MAXIMUM_HEADER_COUNT,
  MAXIMUM_REQUESTS_PER_CONNECTION,
} from './constants.ts';

/** Of every listener for clients. */
export const LISTENER_LIMITS: ListenerLimits = {
  headerBytes: MAXIMUM_HEADER_BYTES,
  headerCount: MAXIMUM_HEADER_COUNT,
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
  handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  keepAliveMs: CLIENT_KEEP_ALIVE_MS,
  idleMs: CLIENT_IDLE_MS,
  requestsPerConnection: MAXIMUM_REQUESTS_PER_CONNECTION,
};
