/**
 * Follows one direction of a WebSocket by its frame headers (RFC 6455 section 5.2) without looking into the payload:
 * it knows after which bytes one frame has ended and the next has not begun. There, and only there, a frame of ours
 * may stand; between the fragments of a message too, as it is a control frame (section 5.4).
 *
 *     byte 0        byte 1          then                                  then            then
 *     FIN+opcode    MASK+length     length, 2 bytes (126) or 8 (127)      mask, 4 bytes   payload
 */
export class WebSocketFrames {
  /** Bytes of the present header that have come. */
  #headerHeld = 0;
  /** Bytes that the present header has; 2 until its second byte says more. */
  #headerBytes = 2;
  #lengthCode = 0;
  #isMasked = false;
  #isClose = false;
  #length = 0;
  #payloadLeft = 0;
  #closed = false;

  /** Whether the last byte taken was the last of a frame, or nothing was taken. */
  get atBoundary(): boolean {
    return this.#headerHeld === 0 && this.#payloadLeft === 0;
  }

  /** Whether a close frame went by: nothing may follow it (section 5.5.1). */
  get closed(): boolean {
    return this.#closed;
  }

  take(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  /** How many of these bytes are left of the present frame; `bytes.length` where it does not end in them. Takes those. */
  takeToBoundary(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.atBoundary) at = this.#step(bytes, at);
    return at;
  }

  /** Takes one byte of a header, or as much of a payload as there is. Gives the place after it. */
  #step(bytes: Uint8Array, at: number): number {
    if (this.#headerHeld < this.#headerBytes && this.#payloadLeft === 0) {
      this.#takeHeaderByte(bytes[at] as number);
      return at + 1;
    }
    const taken = Math.min(this.#payloadLeft, bytes.length - at);
    this.#payloadLeft -= taken;
    if (this.#payloadLeft === 0) this.#frameEnded();
    return at + taken;
  }

  #takeHeaderByte(byte: number): void {
    const index = this.#headerHeld++;
    if (index === 0) this.#isClose = (byte & 0x0f) === 0x8;
    else if (index === 1) {
      this.#isMasked = (byte & 0x80) !== 0;
      this.#lengthCode = byte & 0x7f;
      this.#headerBytes = 2 + lengthBytes(this.#lengthCode) + (this.#isMasked ? 4 : 0);
      this.#length = this.#lengthCode < 126 ? this.#lengthCode : 0;
    } else if (index < 2 + lengthBytes(this.#lengthCode)) this.#length = this.#length * 256 + byte;
    if (this.#headerHeld < this.#headerBytes) return;
    this.#payloadLeft = this.#length;
    if (this.#payloadLeft === 0) this.#frameEnded();
  }

  #frameEnded(): void {
    if (this.#isClose) this.#closed = true;
    this.#headerHeld = 0;
    this.#headerBytes = 2;
  }
}

function lengthBytes(code: number): number {
  return code === 126 ? 2 : code === 127 ? 8 : 0;
}

/** Status 1001 (RFC 6455 section 7.4.1): the endpoint is going away. */
const GOING_AWAY = [0x03, 0xe9] as const;

/** The close frame "going away". To a server it is masked with these 4 random bytes (section 5.3), to a client not. */
export function goingAwayFrame(mask?: Uint8Array): Uint8Array {
  if (!mask) return Uint8Array.of(0x88, 2, ...GOING_AWAY);
  const [first = 0, second = 0] = mask;
  return Uint8Array.of(0x88, 0x82, ...mask.subarray(0, 4), GOING_AWAY[0] ^ first, GOING_AWAY[1] ^ second);
}
