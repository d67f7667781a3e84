/** Largest request head in bytes; browsers with large cookies stay well below. */
export const MAXIMUM_HEADER_BYTES = 32_768;
/** Most header fields of one request. */
export const MAXIMUM_HEADER_COUNT = 200;
/** Time for a whole request head to arrive; ends slow-head attacks. */
export const HEADERS_TIMEOUT_MS = 15_000;
/** Time for a TLS handshake. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long an idle keep-alive connection of a client stays open. */
export const CLIENT_KEEP_ALIVE_MS = 75_000;
/** Silence after which a client that has to act (send a body, read an answer) is cut off. */
export const CLIENT_IDLE_MS = 60_000;
/** Requests on one client connection before it is closed, so that long-lived ones are spread again. */
export const MAXIMUM_REQUESTS_PER_CONNECTION = 100_000;
/** Open client connections of the whole PoP, HTTP and HTTPS. */
export const MAXIMUM_CONNECTIONS = 20_000;
/** Open client connections of one IPv4 address or IPv6 /64; many people share one behind a carrier's NAT. */
export const MAXIMUM_CONNECTIONS_PER_ADDRESS = 1_024;
/** New connections a second of one client on average (`--connection-rate`): a twentieth of what one core can shake hands with. */
export const NEW_CONNECTIONS_PER_SECOND = 50;
/** A network (IPv4 /24, IPv6 /48) may come so many times as often as one client: a fifth of a core for all of it. */
export const CONNECTION_RATE_NETWORK_FACTOR = 4;
/** New connections of one network at once, as after another PoP failed. */
export const NEW_CONNECTIONS_BURST_PER_NETWORK = 2_048;
/** Body that is read and thrown away so that a connection can be used again after an early answer. */
export const MAXIMUM_DISCARDED_BODY_BYTES = 262_144;

/** Connections to one target of one connector. */
export const UPSTREAM_CONNECTIONS = 256;
/** Time for a stream to a target to open, TLS to the target included. */
export const UPSTREAM_CONNECT_TIMEOUT_MS = 10_000;
/**
 * Time for a request to get its stream while there is another way to try: a silent target or connector costs no more than
 * this, and few streams take longer to open over the worst of paths.
 */
export const UPSTREAM_NEXT_WAY_TIMEOUT_MS = 2_000;
/** How often the log says that the health of one resource's targets is not believed. */
export const PANIC_WARNING_EVERY_MS = 60_000;
/** Request bodies that are read before they are sent on, so that they can be sent once more. */
export const MAXIMUM_REPLAY_BODY_BYTES = 65_536;
/** Request bodies that are held so at once, over all requests; beyond, bodies are streamed and go once. */
export const MAXIMUM_REPLAY_BYTES = 67_108_864;
/** Longest deadline of a gRPC call that is kept by the PoP, too: timers end at 25 days. A later one is the target's matter. */
export const MAXIMUM_GRPC_TIMEOUT_MS = 604_800_000;
/** How often the log tells that TLS with one target fails. */
export const TLS_FAULT_LOG_EVERY_MS = 60_000;
/** Targets of which it is remembered when that was told. */
export const TLS_FAULTS_TOLD_MAX = 1_024;
/** Interim answers of one request that are passed on: nothing slows down a backend that sends them to a client that does not read. */
export const MAXIMUM_INTERIM_ANSWERS = 16;
/** Time from the end of a request to the head of the answer. */
export const UPSTREAM_HEADERS_TIMEOUT_MS = 60_000;
/** Idle connections to targets; shorter than what common backends use, so the PoP closes first. */
export const UPSTREAM_KEEP_ALIVE_MS = 4_000;
/** Largest head of an answer. */
export const MAXIMUM_ANSWER_HEADER_BYTES = 65_536;
/** Pools of connections that are kept; the least recently used goes first. */
export const MAXIMUM_UPSTREAMS = 4_096;

/** Audit events that wait for the disk, a second's; beyond, those without a user are dropped first, and counted. */
export const MAXIMUM_AUDIT_EVENTS = 10_000;
/** Audit events on the disk that control has not confirmed: about 200,000, days without control. */
export const AUDIT_SPOOL_MAX_BYTES = 64 * 1024 * 1024;
/** Time after which events that control did not confirm are sent again: it may have had too many at once. */
export const AUDIT_RESEND_MS = 10_000;
/** Audit events of one message. */
export const AUDIT_BATCH_EVENTS = 500;
/** How often audit events are sent. */
export const AUDIT_INTERVAL_MS = 1_000;
/** Ways to targets of which one message tells control. */
export const WAYS_PER_MESSAGE = 1_000;
/** Longest path kept in an audit event. */
export const MAXIMUM_AUDIT_PATH_LENGTH = 1_024;

/** Body of a form of the portal. */
export const MAXIMUM_FORM_BYTES = 16_384;
/** Time for the whole body of a form to arrive; a few hundred bytes take no longer on any line that works. */
export const FORM_TIMEOUT_MS = 30_000;
/** Answer of control to the portal. */
export const MAXIMUM_CONTROL_ANSWER_BYTES = 65_536;
/** Time for control to answer the portal; password hashing under load included. */
export const CONTROL_TIMEOUT_MS = 15_000;
/** How long a call waits for the link with another control node when its own is gone; a move takes less than a second. */
export const CONTROL_MOVE_MS = 2_000;
/** Challenges of passkeys that this PoP remembers as answered while control is away; they live for half an hour. */
export const SPENT_CHALLENGES_MAX = 100_000;
/** Shortest password that may be chosen. */
export const MINIMUM_PASSWORD_CHARACTERS = 10;

/** Between asking connections to leave and no longer listening: two looks at quiet connections, and a little. */
export const QUIETING_MS = 600;
/** Time that a stream gets to end in its own way once it was told to, before it is cut. */
export const ENDING_MS = 1_500;
/** Streams that were being opened when their connector said that it stops are open by then. */
export const ON_THEIR_WAY_MS = 1_000;
/** How often what is open is judged anew although nothing changed: a policy's window of time may have closed. */
export const REVIEW_EVERY_MS = 10_000;
/** Longest time for which a new snapshot keeps requests waiting while open streams are judged anew. */
export const REVIEW_SLICE_MS = 4;
/** Streams that are judged between two looks at the clock; judging one takes some microseconds. */
export const REVIEW_SLICE_EXCHANGES = 32;
/** Records that go to disk between two turns of requests: below a millisecond, and texts small enough to be collected early. */
export const KEPT_RECORDS_A_PIECE = 100;
/** After the records were written they are left for so many times as long as that took: a large snapshot takes a while. */
export const SNAPSHOT_SAVE_REST = 10;
/** How often the time at which control was last heard goes to disk: the bound on how wrong it is after a crash. */
export const HEARD_SAVE_INTERVAL_MS = 60_000;
/** Clients that are remembered of one connection of a trusted proxy; a proxy keeps a connection for many. */
export const FORWARDED_CLIENTS_KNOWN = 64;
/** Hosts whose look-up is remembered by their spelling. */
export const HOST_CACHE_SIZE = 4_096;
/**
 * Of requests of one kind (session or address, resource, admitted or refused for a reason) one in this time is audited,
 * the others are counted: an audit log is not an access log, and no way to fill a disk.
 */
export const AUDIT_EVERY_MS = 60_000;
/** Kinds of requests that are remembered as audited, for users and for everybody else. */
export const MAXIMUM_AUDIT_KINDS = 2_000;
/** Longest User-Agent that is passed to control's audit log. */
export const MAXIMUM_USER_AGENT_LENGTH = 512;
/** How fresh a sign-in is that a resource just asked for. */
export const REAUTHENTICATED_WITHIN_MS = 60_000;
/** Longest time that a connector which is about to stop may give its streams: a day; a timer holds no more than 24. */
export const STREAMS_END_MAX_MS = 86_400_000;
/** Time after a restart in which connectors notice it and make their tunnels anew; requests wait for them. */
export const WARM_UP_MS = 10_000;
/** A way that was lost no longer ago than this is expected back: tunnels by TLS, other PoPs and restarts take seconds. */
export const WAY_RETURNS_WITHIN_MS = 30_000;
/** Longest time that a request waits for a way: twice what the move to TLS may take, and less than people's patience. */
export const HOLD_MAX_MS = 10_000;
/** Between two looks whether a way is back, while requests wait for one. */
export const HELD_LOOK_MS = 25;
/** Requests of one resource that wait for a way; when it is back they all come to the target at once. */
export const HELD_PER_RESOURCE_MAX = 500;
/** Requests of all resources that wait for a way. */
export const HELD_ALL_MAX = 5_000;
/** Memory of the requests of one resource that wait for a way. */
export const HELD_BYTES_PER_RESOURCE_MAX = 16_777_216;
/** What a request that waits is reckoned to take besides its body: its fields and what belongs to its connection. */
export const HELD_REQUEST_BYTES = 16_384;
/** What has arrived of a body that is streamed, and waits. */
export const HELD_STREAM_BYTES = 65_536;
/** After this time a client may ask again that was told that nothing leads to the target now. */
export const RETRY_WHEN_WAY_IS_BACK_SECONDS = 5;
/** Longest ID token that is kept in a cookie for the sign-out at its provider: a cookie holds 4096 bytes. */
export const MAXIMUM_HINT_LENGTH = 3_000;
/** Longest wait for the snapshot that has what a sign-in changed: publication takes less than a second. */
export const SNAPSHOT_WAIT_MS = 3_000;
/** Between two looks whether it is there. */
export const SNAPSHOT_LOOK_MS = 25;
/** Domains that are looked up at once for control; it asks for one after the other. */
export const LOOK_UPS_AT_ONCE = 16;
/** When to ask again a PoP that has too much to do: by then others are in DNS, or the burst is over. */
export const RETRY_WHEN_OVERLOADED_SECONDS = 5;
/** When to ask a resource again that works on as many requests as it may: most are over by then. */
export const RETRY_WHEN_BUSY_SECONDS = 2;
/** When to ask a resource again that is being worked on, where its settings do not say. */
export const RETRY_AFTER_MAINTENANCE_SECONDS = 60;
/** How often it is looked whether certificates have ended; a new snapshot is looked at at once. */
export const CERTIFICATE_LOOK_MS = 60_000;
/** Hosts without a good certificate that control is told of; the log tells all. */
export const CERTIFICATE_PROBLEMS_TOLD = 20;
/** How often files of certificates are looked at: no notice of the system gets lost that way, on any file system. */
export const CERTIFICATE_FILES_LOOK_MS = 10_000;
/** Longest path with its query in the request log: what is longer is data. */
export const MAXIMUM_LOGGED_PATH_LENGTH = 1_024;
/** Requests of a second that are logged; what they were like together is told of all. Control writes so many at once. */
export const MAXIMUM_LOGGED_REQUESTS = 1_000;
/** The same of one resource, so that one that is flooded leaves the others room. */
export const MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE = 400;
/** Longest message of logged requests, in UTF-16 units: half of what a frame may have. */
export const LOGGED_MESSAGE_CHARS = 512 * 1024;
/** Resources whose traffic of a second is told; a PoP serves fewer in one. */
export const MAXIMUM_TRAFFIC_RESOURCES = 2_000;
/** Admitted requests of a second of which it is logged what each rule said: judging again costs as much as judging. */
export const TRACED_ADMISSIONS = 10;
/** The same of refused requests: those are what people ask about. */
export const TRACED_REFUSALS = 40;
/** Longest condition that is logged with its rule, as JSON; of lists with thousands of entries the policy itself tells. */
export const MAXIMUM_TRACED_CONDITION_CHARS = 2_000;
/** What connectors hand in is carried for so many at once: each holds up to a line of memory. */
export const HAND_INS_AT_ONCE = 16;
/** Longest time for one of them: control applies it in a transaction. */
export const HAND_IN_LIFE_MS = 60_000;
