/** Tunnels a connector keeps at once. */
export const DEFAULT_TUNNELS = 2;
/** Time to connect to a backend before the PoP is told that it does not answer. */
export const BACKEND_TIMEOUT_MS = 5_000;
/** Streams that may wait for their backend at once; one PoP has half of them at most. */
export const DIAL_BACKLOG = 1024;
/** Wait before the link to a PoP is opened again, when its tunnel is up. */
export const LINK_RETRY_MS = 2_000;
/** Targets of which one message tells. */
export const TARGETS_PER_MESSAGE = 1_000;
/** How often names of PoPs that have no tunnel, or one that is down, are looked up again. */
export const RESOLVE_AGAIN_MS = 10_000;
/** At a stop: time for PoPs to hear of it and to give up connections that they keep for later. */
export const DRAIN_QUIET_MS = 500;
/** How often the choice of PoPs looks at the tunnels; it looks at once when one changes. */
export const CHOICE_INTERVAL_MS = 500;
/** TCP port (discard) of a greeting to a PoP that is not dialled; it is refused there, and that is enough. */
export const GREETING_PORT = 9;
/** How long a greeting waits for its answer. */
export const GREETING_TIMEOUT_MS = 3_000;
/** Where there are at most so many PoPs, those that are not dialled are greeted; of more, each greets us when it needs us. */
export const GREETED_POPS = 16;
/** How long a link that we end waits for the PoP to end it too. */
export const LINK_END_MS = 5_000;
/** A PoP from which something came through a relay is not measured for this long: its session would begin anew. */
export const RELAY_BUSY_MS = 20_000;
/** How often paths are looked at, to see whether UDP does its work, while it does. */
export const LOOK_AT_PATHS_MS = 1_000;
/** The same while UDP does not, or a carrier is open. */
export const LOOK_AT_PATHS_BUSY_MS = 100;
/** Sessions of datagrams that are open at once; each has a socket of its own. */
export const UDP_SESSIONS_MAX = 16_384;
/** A session that no PoP ended, because it died, is over after this silence. */
export const UDP_SESSION_IDLE_MS = 1_800_000;
/** The same once half of all sessions are taken (RFC 4787 section 4.3 asks for two minutes). */
export const UDP_SESSION_IDLE_BUSY_MS = 120_000;
/** Datagrams that wait for the name of a target to be looked up. */
export const UDP_WAITING_MAX = 16;
/** How often it is looked for sessions that are over. */
export const UDP_LOOK_MS = 5_000;
/** How long until what is published is handed in again where no PoP took it. */
export const PUBLISH_RETRY_MS = 3_000;
/** Longest wait for control's answer through a PoP. */
export const CONTROL_ANSWER_MS = 60_000;
/** How long until a diagnosis is told again where no PoP took it; twice as long each time. */
export const DIAGNOSIS_RETRY_MS = 5_000;
/** Longest such wait: PoPs of before never take one. */
export const DIAGNOSIS_RETRY_MAX_MS = 15 * 60_000;
/** How often the file of a connector's blueprint is looked at. */
export const BLUEPRINT_FILE_LOOK_MS = 2_000;
/** Longest blueprint that a connector reads: more is none that control would take. */
export const BLUEPRINT_FILE_BYTES_MAX = 1024 * 1024;
