/** HTTP/2 written byte by byte (RFC 9113, RFC 7541), so that a test may send what no library would. */
import type { TLSSocket } from 'node:tls';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME_HEAD_BYTES = 9;
const DATA = 0x0;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
const SETTINGS = 0x4;
const GOAWAY = 0x7;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;

function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** A text as HPACK has it, without Huffman (RFC 7541 section 5.2). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** Fields, each as a literal without indexing and with a new name (section 6.2.2). */
function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

export type Http2Outcome = 'answered' | 'reset' | 'goaway' | 'closed';

/** Sends one request on stream 1 of a fresh connection; how the other end takes it. */
export async function sendRawHttp2(
  socket: TLSSocket,
  fields: readonly (readonly [name: string, value: string])[],
  body?: string,
): Promise<Http2Outcome> {
  const { promise, resolve } = Promise.withResolvers<Http2Outcome>();
  let held = Buffer.alloc(0);
  socket.on('error', () => resolve('closed'));
  socket.on('close', () => resolve('closed'));
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= FRAME_HEAD_BYTES) {
      const length = held.readUIntBE(0, 3);
      if (held.length < FRAME_HEAD_BYTES + length) return;
      const type = held[3];
      held = held.subarray(FRAME_HEAD_BYTES + length);
      if (type === HEADERS) resolve('answered');
      if (type === RST_STREAM) resolve('reset');
      if (type === GOAWAY) resolve('goaway');
    }
  });
  socket.write(PREFACE);
  socket.write(frame(SETTINGS, 0, 0, new Uint8Array()));
  socket.write(frame(HEADERS, END_HEADERS | (body === undefined ? END_STREAM : 0), 1, block(fields)));
  if (body !== undefined) socket.write(frame(DATA, END_STREAM, 1, Buffer.from(body, 'latin1')));
  const outcome = await promise;
  socket.destroy();
  return outcome;
}
