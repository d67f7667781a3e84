import type { ClientHttp2Stream } from 'node:http2';
import { addAbortSignal } from 'node:stream';

/** Resets a stream with CANCEL. Node's `close` would end the body before, so that a part of it looked like the whole. */
export function cancelStream(stream: ClientHttp2Stream): void {
  if (stream.closed || stream.destroyed) return;
  addAbortSignal(AbortSignal.abort(), stream);
}
