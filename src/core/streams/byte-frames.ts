/**
 * A stream of bytes within a WebSocket (RFC 6455): binary frames carry it, and an empty text frame says that no more comes
 * this way, while the other way goes on. Control frames are as ever.
 *
 *     byte 0        byte 1          then                                  then            then
 *     FIN+opcode    MASK+length     length, 2 bytes (126) or 8 (127)      mask, 4 bytes   payload
 */
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** Of control frames (section 5.5). */
const CONTROL_PAYLOAD_BYTES_MAX = 125;
/** What the 8 bytes of a length may say and still be a number. */
const FRAME_BYTES_MAX = Number.MAX_SAFE_INTEGER;

/** Why what came is not such a stream. */
export type ByteFrameFault =
  | 'reserved-bits'
  | 'opcode-unknown'
  | 'mask-wrong'
  | 'frame-too-large'
  | 'control-malformed'
  | 'text-not-empty'
  | 'bytes-after-end';

export type ByteFrameEvent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The other end says no more. */
  | { readonly kind: 'end' }
  | { readonly kind: 'ping'; readonly payload: Uint8Array }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close' }
  | { readonly kind: 'fault'; readonly reason: ByteFrameFault };

/** Reads one direction. After `close` or `fault` nothing is read any more. */
export class ByteFrameReader {
  readonly #isMasked: boolean;
  readonly #header = new Uint8Array(14);
  #headerHeld = 0;
  #headerBytes = 2;
  #opcode = 0;
  #payloadLeft = 0;
  /** Where in the mask the next byte stands. */
  #maskAt = 0;
  #control: number[] = [];
  #hasEnded = false;
  #isOver = false;

  /** `isMasked`: what comes is a client's. */
  constructor(isMasked: boolean) {
    this.#isMasked = isMasked;
  }

  take(bytes: Uint8Array): ByteFrameEvent[] {
    const events: ByteFrameEvent[] = [];
    let at = 0;
    while (at < bytes.length && !this.#isOver) {
      const event = this.#headerHeld < this.#headerBytes ? this.#takeHeaderByte(bytes[at++] as number) : undefined;
      if (event) events.push(event);
      if (this.#payloadLeft === 0 || at === bytes.length || this.#isOver) continue;
      const taken = Math.min(this.#payloadLeft, bytes.length - at);
      const payload = this.#takePayload(bytes.subarray(at, at + taken));
      at += taken;
      if (payload) events.push(payload);
    }
    return events;
  }

  #takeHeaderByte(byte: number): ByteFrameEvent | undefined {
    const index = this.#headerHeld;
    this.#header[this.#headerHeld++] = byte;
    const fault = index === 0 ? this.#faultInFirst(byte) : index === 1 ? this.#faultInSecond(byte) : undefined;
    if (fault) return this.#fault(fault);
    if (index === 1) this.#headerBytes = 2 + lengthBytes(byte & 0x7f) + (this.#isMasked ? 4 : 0);
    if (this.#headerHeld < this.#headerBytes) return undefined;
    const length = this.#length();
    if (length > FRAME_BYTES_MAX) return this.#fault('frame-too-large');
    if (this.#opcode === OPCODE.text && length > 0) return this.#fault('text-not-empty');
    this.#payloadLeft = length;
    this.#maskAt = 0;
    return length === 0 ? this.#frameEnded() : undefined;
  }

  #faultInFirst(byte: number): ByteFrameFault | undefined {
    this.#opcode = byte & 0x0f;
    if ((byte & 0x70) !== 0) return 'reserved-bits';
    if (!Object.values<number>(OPCODE).includes(this.#opcode)) return 'opcode-unknown';
    const isWhole = (byte & 0x80) !== 0;
    if (this.#opcode >= OPCODE.close && !isWhole) return 'control-malformed';
    return this.#opcode === OPCODE.text && !isWhole ? 'text-not-empty' : undefined;
  }

  #faultInSecond(byte: number): ByteFrameFault | undefined {
    if (((byte & 0x80) !== 0) !== this.#isMasked) return 'mask-wrong';
    const isLong = (byte & 0x7f) > CONTROL_PAYLOAD_BYTES_MAX;
    return this.#opcode >= OPCODE.close && isLong ? 'control-malformed' : undefined;
  }

  #length(): number {
    const code = (this.#header[1] as number) & 0x7f;
    if (code < 126) return code;
    let length = 0;
    for (let i = 2; i < 2 + lengthBytes(code); i++) length = length * 256 + (this.#header[i] as number);
    return length;
  }

  #takePayload(part: Uint8Array): ByteFrameEvent | undefined {
    this.#payloadLeft -= part.length;
    const bytes = this.#isMasked ? this.#unmasked(part) : part;
    if (this.#opcode >= OPCODE.close) {
      this.#control.push(...bytes);
      return this.#payloadLeft === 0 ? this.#frameEnded() : undefined;
    }
    if (this.#payloadLeft === 0) this.#frameEnded();
    return this.#hasEnded ? this.#fault('bytes-after-end') : { kind: 'bytes', bytes };
  }

  #unmasked(part: Uint8Array): Uint8Array {
    const mask = this.#header.subarray(this.#headerBytes - 4, this.#headerBytes);
    const bytes = masked(part, mask, this.#maskAt);
    this.#maskAt = (this.#maskAt + part.length) & 3;
    return bytes;
  }

  /** What a whole frame says that is not told while it comes. */
  #frameEnded(): ByteFrameEvent | undefined {
    this.#headerHeld = 0;
    this.#headerBytes = 2;
    const payload = Uint8Array.from(this.#control);
    this.#control = [];
    switch (this.#opcode) {
      case OPCODE.text:
        if (this.#hasEnded) return this.#fault('bytes-after-end');
        this.#hasEnded = true;
        return { kind: 'end' };
      case OPCODE.close:
        this.#isOver = true;
        return { kind: 'close' };
      case OPCODE.ping:
        return { kind: 'ping', payload };
      case OPCODE.pong:
        return { kind: 'pong' };
      default:
        return undefined;
    }
  }

  #fault(reason: ByteFrameFault): ByteFrameEvent {
    this.#isOver = true;
    return { kind: 'fault', reason };
  }
}

/** A piece of the stream. With `mask`, 4 random bytes, it is a client's. */
export function bytesFrame(bytes: Uint8Array, mask?: Uint8Array): Uint8Array {
  return frame(OPCODE.binary, bytes, mask);
}

/** No more comes. */
export function endFrame(mask?: Uint8Array): Uint8Array {
  return frame(OPCODE.text, new Uint8Array(0), mask);
}

export function pingFrame(mask?: Uint8Array): Uint8Array {
  return frame(OPCODE.ping, new Uint8Array(0), mask);
}

export function pongFrame(payload: Uint8Array, mask?: Uint8Array): Uint8Array {
  return frame(OPCODE.pong, payload, mask);
}

/** Status 1000 (section 7.4.1): both ways have ended. */
export function closedFrame(mask?: Uint8Array): Uint8Array {
  return frame(OPCODE.close, Uint8Array.of(0x03, 0xe8), mask);
}

function frame(opcode: number, payload: Uint8Array, mask: Uint8Array | undefined): Uint8Array {
  const { length } = payload;
  const code = length < 126 ? length : length < 65_536 ? 126 : 127;
  const head = 2 + lengthBytes(code);
  const made = new Uint8Array(head + (mask ? 4 : 0) + length);
  made[0] = 0x80 | opcode;
  made[1] = (mask ? 0x80 : 0) | code;
  for (let i = head - 1, rest = length; i >= 2; i--, rest = Math.floor(rest / 256)) made[i] = rest % 256;
  if (mask) made.set(mask.subarray(0, 4), head);
  made.set(mask ? masked(payload, mask, 0) : payload, head + (mask ? 4 : 0));
  return made;
}

function masked(payload: Uint8Array, mask: Uint8Array, from: number): Uint8Array {
  const made = new Uint8Array(payload.length);
  for (let i = 0; i < payload.length; i++) made[i] = (payload[i] as number) ^ (mask[(from + i) & 3] as number);
  return made;
}

function lengthBytes(code: number): number {
  return code === 126 ? 2 : code === 127 ? 8 : 0;
}
