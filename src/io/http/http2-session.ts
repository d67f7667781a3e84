import type { ServerSessionOptions } from 'node:http2';
import {
  HTTP2_CONCURRENT_STREAMS,
  HTTP2_CONNECTION_MEGABYTES,
  HTTP2_HEADER_LIST_BYTES,
  HTTP2_HEADER_PAIRS,
  HTTP2_HEADER_TABLE_BYTES,
  HTTP2_INVALID_FRAMES,
  HTTP2_REJECTED_STREAMS,
  HTTP2_RESETS_BURST,
  HTTP2_RESETS_PER_SECOND,
  HTTP2_SETTINGS_ENTRIES,
  HTTP2_STREAM_WINDOW_BYTES,
} from './constants.ts';

/** What a connection says of itself in its SETTINGS, and what the library keeps it to. */
export const HTTP2_SESSION: ServerSessionOptions = {
  settings: {
    enablePush: false,
    maxConcurrentStreams: HTTP2_CONCURRENT_STREAMS,
    initialWindowSize: HTTP2_STREAM_WINDOW_BYTES,
    maxHeaderListSize: HTTP2_HEADER_LIST_BYTES,
    headerTableSize: HTTP2_HEADER_TABLE_BYTES,
    // RFC 8441 section 3.
    enableConnectProtocol: true,
  },
  maxDeflateDynamicTableSize: HTTP2_HEADER_TABLE_BYTES,
  maxHeaderListPairs: HTTP2_HEADER_PAIRS,
  maxSessionMemory: HTTP2_CONNECTION_MEGABYTES,
  maxSettings: HTTP2_SETTINGS_ENTRIES,
  maxSessionInvalidFrames: HTTP2_INVALID_FRAMES,
  maxSessionRejectedStreams: HTTP2_REJECTED_STREAMS,
  // Twice what is counted here first, with a name.
  streamResetBurst: 2 * HTTP2_RESETS_BURST,
  streamResetRate: 2 * HTTP2_RESETS_PER_SECOND,
  // A backend may say a field twice that should come once: the client may judge that, as it does over HTTP/1.1.
  strictSingleValueFields: false,
};
