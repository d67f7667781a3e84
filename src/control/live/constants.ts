/** How often the live stream tells of traffic, and looks at the network where nothing said that it changed. */
export const LIVE_TICK_MS = 1_000;
/** Seconds of traffic that are kept in memory, of all organisations together. */
export const LIVE_SECONDS_KEPT = 5_000;
/** Resources of one organisation that a second of traffic tells apart. */
export const LIVE_RESOURCES_MAX = 200;
/** What somebody who comes is told of the past: what a small chart shows. */
export const LIVE_HISTORY_MS = 120_000;
/** What happened in the network, kept in memory: a bad day. */
export const LIVE_EVENTS_KEPT = 500;
/** A PoP without a link for this long is lost: one that moves to another control node takes less. */
export const POP_LOST_AFTER_MS = 1_500;
/** Live streams that a control node serves. */
export const LIVE_STREAMS_MAX = 500;
/** The same of one organisation: each console has one. */
export const LIVE_STREAMS_OF_ORGANISATION_MAX = 100;
/** The same of one account or key: each tab has one, and the others are to have some, too. */
export const LIVE_STREAMS_OF_CALLER_MAX = 20;
/** Requests of a second that one stream is told; how many more there were is told too. */
export const LIVE_REQUESTS_PER_SECOND = 200;
/** Bytes that may wait for somebody who looks; who is slower is cut off and comes back for the whole. A busy second has half of it. */
export const LIVE_BACKLOG_MAX_BYTES = 256 * 1024;
/** The same of all who look at one organisation through a node: sixteen of the slowest. */
export const LIVE_BACKLOG_OF_ORGANISATION_MAX_BYTES = 4 * 1024 * 1024;
/** The same of everybody on a node, a small part of what it has; whose organisation has most of it is cut off first. */
export const LIVE_BACKLOG_OF_NODE_MAX_BYTES = 32 * 1024 * 1024;
/** Whoever has taken nothing of what waits for them for so long is gone, or wants the memory: beats of two rounds have failed. */
export const LIVE_STUCK_MS = 20_000;
/** How often a live stream says that it is alive; what stands between ends silent connections after a minute or so. */
export const LIVE_BEAT_MS = 10_000;
/** How often it is looked whether somebody may still look; a session that is ended here is noticed at once. */
export const LIVE_JUDGE_MS = 10_000;
/** News of the network within this time are told as one. */
export const LIVE_SETTLE_MS = 150;
/** Requests that are told again to somebody who comes back. */
export const LIVE_REQUESTS_RESUMED = 200;
/** How long a node says that somebody looks at an organisation through it. */
export const LIVE_WATCH_MS = 15_000;
/** How long nodes keep what they tell one another: the reader looks each second. */
export const LIVE_NEWS_KEPT_MS = 10_000;
/** Requests of a second and PoP that nodes tell one another for the live stream. */
export const LIVE_NEWS_RECORDS = 200;
/** Longest such row; of more only the traffic is told. */
export const LIVE_NEWS_BATCH_CHARS = 512 * 1024;
/** Commits of other control nodes within this time are read once. */
export const LIVE_GATHER_MS = 50;
/** How long somebody goes on looking while the store is away and cannot say whether they still may: a restart of PostgreSQL. */
export const LIVE_UNJUDGED_MAX_MS = 60_000;
/** What PoPs tell while the store does not take news: two seconds of as many PoPs as a node has; the rest is not shown. */
export const LIVE_NEWS_WAITING_MAX = 1_000;
/** How long a connector or PoP that is gone may still come back as one that is known: a day, and then it is a new one. */
export const LIVE_GONE_KEPT_MS = 86_400_000;
/** Connectors whose owner is remembered; beyond that it is read anew. */
export const LIVE_OWNERS_MAX = 20_000;
/** A tunnel through another PoP is a home only where there is no direct one, however short its round trip. */
export const RELAYED_COST_MS = 1_000_000;
/** What is taken for the round trip of a tunnel that was not measured yet: any measured one is better. */
export const UNMEASURED_COST_MS = 100_000;
