/** Time for a process of the local network to say that it is ready: a small board with a slow card takes a minute. */
export const PROCESS_READY_MS = 180_000;
/** When whoever waits for that hears that it goes on. */
export const SLOW_START_MS = 10_000;
/** Time for PoPs and tunnels to come up once their processes are ready. */
export const NETWORK_READY_MS = 120_000;
/** Between two looks at what is still missing. */
export const READY_POLL_MS = 25;
/** Time that open requests and streams get when the local network stops; nobody waits longer for Ctrl-C. */
export const STREAM_SECONDS = 8;
/** Time for a process to end in order before it is killed: `STREAM_SECONDS`, and what goes around them. */
export const PROCESS_STOP_MS = 12_000;
