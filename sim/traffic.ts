/** What nodes send besides what people send: counted by kind, as it is on the wire. */
export const TRAFFIC_KINDS = ['heartbeat', 'handshake', 'attached', 'report', 'reach', 'link'] as const;
export type TrafficKind = (typeof TRAFFIC_KINDS)[number];

const INDEX = Object.fromEntries(TRAFFIC_KINDS.map((kind, index) => [kind, index])) as Record<TrafficKind, number>;
const WIREGUARD_BYTES = 32;
const UDP_IPV4_BYTES = 28;
const TCP_IPV6_BYTES = 72;
const SEGMENT_BYTES = 1_208;

/** Of an inner packet, sealed and sent over UDP and IPv4. */
export function packetOnWire(innerBytes: number): number {
  return Math.ceil(innerBytes / 16) * 16 + WIREGUARD_BYTES + UDP_IPV4_BYTES;
}

export const ACKNOWLEDGEMENT_BYTES = packetOnWire(TCP_IPV6_BYTES);

/** Of a line on a stream inside a tunnel. */
export function lineOnWire(bytes: number): { readonly bytes: number; readonly packets: number } {
  const packets = Math.max(1, Math.ceil(bytes / SEGMENT_BYTES));
  return { packets, bytes: bytes + packets * packetOnWire(TCP_IPV6_BYTES) };
}

/** Of one node. */
export class Traffic {
  readonly bytes = new Float64Array(TRAFFIC_KINDS.length);
  readonly messages = new Float64Array(TRAFFIC_KINDS.length);

  add(kind: TrafficKind, bytes: number, messages = 1): void {
    const index = INDEX[kind];
    this.bytes[index] = (this.bytes[index] as number) + bytes;
    this.messages[index] = (this.messages[index] as number) + messages;
  }

  clear(): void {
    this.bytes.fill(0);
    this.messages.fill(0);
  }
}
