/** Packets that wait for a session, oldest first. Empty queues hold no array: most peers have one at any time. */
export class PacketQueue {
  #packets: Uint8Array[] | undefined;
  #sizeBytes = 0;

  get length(): number {
    return this.#packets?.length ?? 0;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The oldest packet, which stays. */
  peek(): Uint8Array | undefined {
    return this.#packets?.[0];
  }

  /** Takes a packet over: the caller gives it away. */
  push(packet: Uint8Array): void {
    this.#packets ??= [];
    this.#packets.push(packet);
    this.#sizeBytes += packet.length;
  }

  shift(): Uint8Array | undefined {
    const packet = this.#packets?.shift();
    this.#sizeBytes -= packet?.length ?? 0;
    if (this.#packets?.length === 0) this.#packets = undefined;
    return packet;
  }
}
