/**
 * streams: where a stream that would never end can be ended without harm. Each tracker is given the bytes that pass and
 * says whether they ended a unit: a WebSocket frame (RFC 6455), an event of an event stream (HTML section 9.2). And bytes within a
 * WebSocket, for those who speak no HTTP.
 *
 * Read first: `event-stream.ts`.
 */
export {
  type ByteFrameEvent,
  type ByteFrameFault,
  ByteFrameReader,
  bytesFrame,
  closedFrame,
  endFrame,
  pingFrame,
  pongFrame,
} from './byte-frames.ts';
export { EventStream } from './event-stream.ts';
export { goingAwayFrame, WebSocketFrames } from './web-socket-frames.ts';
