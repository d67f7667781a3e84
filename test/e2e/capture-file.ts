/** Reads what tcpdump writes: the classic pcap format (little-endian, Ethernet), whole UDP datagrams over IPv4 and IPv6. */

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const UDP_HEADER_BYTES = 8;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINK_ETHERNET = 1;
const TYPE_IPV4 = 0x0800;
const PROTOCOL_UDP = 17;

/**
 * The payload of every datagram in a capture. A run of datagrams that was sent with segmentation offload is captured on
 * loopback as one; its payload begins with its first datagram's.
 */
export function udpPayloads(capture: Buffer): Buffer[] {
  if (capture.readUInt32LE(0) !== MAGIC_MICROSECONDS || capture.readUInt32LE(20) !== LINK_ETHERNET) {
    throw new Error('not a capture of an Ethernet-like interface');
  }
  const payloads: Buffer[] = [];
  for (let at = FILE_HEADER_BYTES; at + RECORD_HEADER_BYTES <= capture.length; ) {
    const length = capture.readUInt32LE(at + 8);
    const frame = capture.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length);
    at += RECORD_HEADER_BYTES + length;
    const payload = udpPayload(frame);
    if (payload) payloads.push(payload);
  }
  return payloads;
}

function udpPayload(frame: Buffer): Buffer | undefined {
  const packet = frame.subarray(ETHERNET_BYTES);
  const isIpv4 = frame.readUInt16BE(12) === TYPE_IPV4;
  const protocol = isIpv4 ? packet[9] : packet[6];
  const headerBytes = isIpv4 ? ((packet[0] ?? 0) & 0x0f) * 4 : 40;
  return protocol === PROTOCOL_UDP ? packet.subarray(headerBytes + UDP_HEADER_BYTES) : undefined;
}
