/** Connections that wait to be accepted on one port: what comes in a burst while the program is busy. */
export const STREAM_BACKLOG = 512;
/** Silence after which it is asked whether a client still lives; the kernel gives up some minutes later. */
export const STREAM_KEEP_ALIVE_MS = 60_000;
/** Buffer of a UDP socket, each way: a burst that comes while the program is busy. The system may give less. */
export const UDP_BUFFER_BYTES = 1_048_576;
