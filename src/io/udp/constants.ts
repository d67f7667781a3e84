/** Datagrams read from the kernel before the driver gets to answer; keeps one busy peer from starving timers. */
export const RECEIVE_BURST_CALLS = 32;
/** Largest thing one receive call can return: a coalesced run of datagrams or one jumbo datagram. */
export const RECEIVE_SLAB_BYTES = 65_536;
/** Longest datagrams of others that are sent in runs: what no way cuts up (IPv6's least MTU without heads), as the kernel sends no run of longer ones. */
export const RUN_DATAGRAM_BYTES = 1_232;
/** Datagrams that leave together, and their bytes: as many as one turn has to say as a rule, and the longest there is. */
export const OUTBOX_DATAGRAMS = 64;
export const OUTBOX_BYTES = 65_536;
/** Asked for as SO_RCVBUF and SO_SNDBUF; the kernel may grant less. */
export const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;
/** Most datagrams in one segmentation-offload call (UDP_MAX_SEGMENTS of Linux before 6.9). */
export const OFFLOAD_SEGMENTS = 64;
/** Most bytes in one segmentation-offload call: the largest UDP payload over IPv4. */
export const OFFLOAD_BYTES = 65_507;
/** Datagrams that wait when the kernel's send buffer is full; more are dropped and counted, as a full link would. */
export const SEND_BACKLOG_DATAGRAMS = 256;
/** Senders whose socket address is remembered as a ready Endpoint. */
export const REMEMBERED_SENDERS = 4096;
