/** Longest body of an API request. */
export const API_BODY_MAX_BYTES = 1024 * 1024;
/** Time for a client to send a whole request. */
export const API_REQUEST_TIMEOUT_MS = 30_000;
/** Time for a client to send the head of a request. */
export const API_HEADERS_TIMEOUT_MS = 15_000;
/** Time for a TLS handshake with control. */
export const API_HANDSHAKE_TIMEOUT_MS = 10_000;
/** Open connections to control: its PoPs, and whoever calls the API directly. */
export const API_CONNECTIONS_MAX = 10_000;
/** The same from one address (IPv6: one /64); a PoP opens up to some 300. */
export const API_CONNECTIONS_PER_ADDRESS_MAX = 1_024;
/** Life of an enrolment token unless the request says otherwise: a working day and its evening. */
export const ENROLMENT_TOKEN_LIFETIME_MS = 24 * 3_600_000;
/** Longest life of an enrolment token that a request may ask for. */
export const ENROLMENT_TOKEN_LIFETIME_MAX_MS = 30 * 86_400_000;
/** How long committed changes gather before they are published; promised are 100 ms. */
export const PUBLISH_DELAY_MS = 10;
/** Readings of the store for one publication: grants that another node signs meanwhile make it read again. */
export const PUBLISH_READINGS_MAX = 5;
/** Longest that a publication waits for certificates of the hosts in it: some thousand are signed in this time. */
export const PUBLISH_TOGETHER_MAX_MS = 2_000;
/** Published states that are remembered, so that a PoP that comes back gets a delta. */
export const PUBLISHED_STATES_KEPT = 64;
/** Pause between two whole snapshots for one PoP that asks again and again. */
export const RESYNC_PAUSE_MS = 1_000;
/** Shortest life of a snapshot's word, whatever the staleness setting. */
export const SNAPSHOT_LIFETIME_MIN_MS = 5 * 60_000;
/** Longest time between two renewals of that word; a quarter of its life where that is shorter. */
export const SNAPSHOT_RENEWAL_MAX_MS = 3_600_000;
/** Life of the root key's delegation to this node: longer than any PoP is meant to be cut off. */
export const DELEGATION_LIFETIME_MS = 180 * 86_400_000;
/** What is left of a delegation when it is made anew. */
export const DELEGATION_RENEW_BEFORE_MS = 90 * 86_400_000;
/** How often certificates, delegation and ended rows are looked after. */
export const UPKEEP_INTERVAL_MS = 3_600_000;
/** Idle time of sessions, in the organisation that is made at first start: over a night they end. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
/** Longest session, in the organisation that is made at first start. */
export const SESSION_ABSOLUTE_MS = 7 * 86_400_000;
/** Shortest life that a session may be given: tokens are renewed within it. */
export const SESSION_LIFETIME_MIN_MS = 60_000;
/** For how long PoPs serve without control, unless set otherwise. */
export const STALENESS_MS = 24 * 3_600_000;
/** Window in which tries to sign in are counted. */
export const SIGN_IN_WINDOW_MS = 15 * 60_000;
/** Tries to sign in to one account within the window: enough for a person, 960 a day for a guesser. */
export const SIGN_IN_TRIES_PER_ACCOUNT = 10;
/** Tries to sign in from one client address (IPv6: one /64) within the window; an office may share one. */
export const SIGN_IN_TRIES_PER_ADDRESS = 50;
/** For how long a node refuses an account or address without tries left before it asks the store again. */
export const SIGN_IN_EXHAUSTED_MS = 5_000;
/** Such accounts and addresses that a node remembers at once. */
export const SIGN_IN_EXHAUSTED_MAX = 10_000;
/** Between two notes of when an API token was last used. */
export const TOKEN_TOUCH_INTERVAL_MS = 60_000;
/** Longest user agent that is kept. */
export const USER_AGENT_MAX_CHARS = 256;
/** Ended sessions stay visible to the audit for this long. */
export const ENDED_SESSION_KEPT_MS = 30 * 86_400_000;
/** Beginning of every API key, by which scanners for secrets know one. */
export const API_KEY_PREFIX = 'mnk' as const;
/** Characters of an API key that are shown later: enough to know it again, nothing to guess the rest from. */
export const API_KEY_START_CHARS = 10;
/** Life of an invitation unless the request says otherwise: over a weekend and a day. */
export const INVITATION_LIFETIME_MS = 4 * 86_400_000;
/** Longest life of an invitation that a request may ask for. */
export const INVITATION_LIFETIME_MAX_MS = 30 * 86_400_000;
/** Address of the first administrator unless one is given. */
export const FIRST_ADMIN_EMAIL = 'admin@manis.localhost';
/** Audit events of requests that one PoP may have stored at once: what it keeps while it is cut off, and more. */
export const AUDIT_BURST_PER_POP = 20_000;
/** The same a second for long; a flood of refused requests must not fill the disk. */
export const AUDIT_EVENTS_PER_SECOND_PER_POP = 100;
/** The same a second where somebody asked for every decision: what a busy PoP decides, and what a store can take. */
export const AUDIT_WHOLE_EVENTS_PER_SECOND_PER_POP = 2_000;
/** Who came in this time is a visitor of late: a day, longer than most guests stay. */
export const VISITED_LATELY_MS = 86_400_000;
/** Longest life of any session; one that a PoP reports to live longer is none. */
export const SESSION_LIFETIME_MAX_MS = 90 * 86_400_000;
/** Live sessions of a user beyond which none is taken over that a PoP began: people have a dozen. */
export const JUDGED_SESSIONS_MAX = 100;
/** Guests and holders of credentials that the list of visitors tells of, those who came last. */
export const VISITORS_MAX = 500;
/** Audit events of requests that are kept of the first organisation, the newest; sign-ins and changes are kept for good. */
export const AUDIT_REQUESTS_KEPT = 1_000_000;
/** Most that a quota of an organisation may be: more than any installation holds. */
export const QUOTA_MAX = 10_000_000;
/**
 * What an organisation beside the first may have, unless an administrator of the installation says otherwise: more than most
 * need, and some twenty of them together stay below the records that a snapshot holds.
 */
export const QUOTAS = {
  sites: 200,
  connectors: 400,
  devices: 200,
  resources: 500,
  targets: 2_000,
  users: 5_000,
  roles: 200,
  groups: 500,
  invitations: 1_000,
  credentials: 2_000,
  apiKeys: 200,
  providers: 20,
  clientAuthorities: 20,
  domains: 100,
  dnsProviders: 20,
  ownCertificates: 100,
  quickTunnels: 50,
  /** Ports of resources that are no HTTP, counted once for each transport: a PoP listens on 4,096. */
  streamPorts: 256,
  auditedRequests: 200_000,
  requestLogMegabytes: 512,
  /** Of what is captured of requests, bodies among it. */
  captureMegabytes: 256,
  webhooks: 20,
  alertRules: 50,
} as const;
/** Time at a stop for PoPs to open a link to another control node: two handshakes over a slow line. */
export const DRAIN_MS = 3_000;
/** Time at a stop for requests to finish; hashing a password under load is the longest. */
export const REQUESTS_GRACE_MS = 5_000;
/** How often a control node says in the store that it is alive. */
export const NODE_HEARTBEAT_MS = 5_000;
/** A control node that has been silent for this long counts as gone, and so do the links it held. */
export const NODE_SILENT_MS = 15_000;
/** After this a control node that is gone is forgotten with its key: nothing that it signed lives longer. */
export const NODE_FORGOTTEN_MS = 90 * 86_400_000;
/** How long news of PoPs gather before they are written, so that a busy node writes a few times a second at most. */
export const POP_STATUS_DELAY_MS = 100;
/** A PoP that answered no ping for this long is not heard: a ping goes out every 5 s, and one may be late. */
export const POP_HEARD_MS = 7_000;
/** Time that the store has to answer whether it is there: whoever probes waits for it. */
export const STORE_ANSWER_MS = 2_000;
/** How often it is looked whom the control nodes hear; a change is told to the PoPs at once. */
export const HEARD_CHECK_MS = 1_000;
/** Looks after which it is told without a change: a PoP that has just come learns it then. */
export const HEARD_TELL_EVERY = 4;
/** Lease on the upkeep: longer than it takes, shorter than its interval, so that another node takes over. */
export const UPKEEP_LEASE_MS = 1_800_000;
/** How long a start waits for a PostgreSQL that cannot be reached: one that is starting or failing over. */
export const STORE_START_WAIT_MS = 30_000;
/** Between two tries to reach it. */
export const STORE_START_RETRY_MS = 500;
/** News of targets is gathered for this long before it is written. */
export const HEALTH_WRITE_DELAY_MS = 1_000;
/** Changes of targets that are written at once for one PoP; the rest waits for the next time. */
export const HEALTH_CHANGES_AT_ONCE = 500;
/** Keeps a device's way through NATs open, and tells the PoP that it lives (what WireGuard's authors advise). */
export const DEVICE_KEEPALIVE_SECONDS = 25;
/** Inner MTU of devices: nobody finds out what their path takes, so it is what every path takes. */
export const DEVICE_MTU = 1280;
/** Mails that may wait at once, of all organisations: hours of codes while a mail server is away. */
export const MAILS_QUEUED_MAX = 5_000;
/** Mails that one control node sends at once; mail servers limit connections from one address. */
export const MAILS_AT_ONCE = 4;
/** A mail that a node has begun to send is left to it for this long; longer than sending takes at most. */
export const MAIL_CLAIM_MS = 90_000;
/** How often a control node looks for mails that another one left behind. */
export const MAIL_POLL_MS = 15_000;
/** Shortest pause between two looks at the queue, whatever is due: the store may be what fails. */
export const MAIL_LOOK_MIN_MS = 1_000;
/** Pauses after the first failed tries of a mail; the last one goes on. Greylisting lets it through after some minutes. */
export const MAIL_RETRY_DELAYS_MS = [5_000, 30_000, 120_000, 300_000, 900_000, 3_600_000];
/** A notice that could not be delivered within a day is no news. */
export const MAIL_NOTICE_LIFE_MS = 86_400_000;
/** Test mails of one administrator within the window of sign-ins. */
export const MAIL_TESTS_MAX = 20;
/** Digits of a PIN at the least: a million of them, of which an attacker gets fewer than 100 an hour. */
export const PIN_DIGITS_MIN = 6;
/** Digits of a PIN at the most; more is a password. */
export const PIN_DIGITS_MAX = 12;
/** Digits of a PIN that Manis makes: as many as people can keep in mind for a moment. */
export const GENERATED_PIN_DIGITS = 8;
/** Resources that one credential may open. */
export const CREDENTIAL_RESOURCES_MAX = 64;
/** Uses that a limited share link may have. */
export const SHARE_LINK_USES_MAX = 1_000_000;
/** How long a credential is shown as attacked after tries were last refused: an administrator looks in every day. */
export const CREDENTIAL_ATTACK_SHOWN_MS = 24 * 3_600_000;
/** Life of a mailed code: time for a slow mail and a slow reader. */
export const EMAIL_CODE_LIFE_MS = 600_000;
/** Tries at one code: with six digits five in a million to guess it. */
export const EMAIL_CODE_TRIES = 5;
/** Codes and links that one address is mailed within the window of sign-ins. */
export const MAILS_PER_ADDRESS = 5;
/** The same in a day: 100 tries at codes, so one in 10,000 to guess one. */
export const MAILS_PER_ADDRESS_A_DAY = 20;
/** The window of that. */
export const MAIL_DAY_MS = 86_400_000;
/** Mails that one client address (IPv6: one /64) may ask for within the window of sign-ins; an office may share one. */
export const MAILS_PER_CLIENT = 30;
/** Mails that anybody may ask for within the window of sign-ins, in all: our address must not become a spammer's. */
export const MAILS_PER_WINDOW = 1_000;
/** Life of a link that sets a new password. */
export const PASSWORD_RESET_LIFE_MS = 1_800_000;
/** Sessions of a user among which a device is looked for, the newest. */
export const DEVICES_LOOKED_AT = 200;
/** What a mail tells of a device; the rest of what a browser says of itself helps nobody. */
export const DEVICE_TEXT_MAX_CHARS = 100;
/** Most named lists of one organisation: every PoP holds them all. */
export const NAMED_LISTS_MAX = 100;
/** Credentials that one report of a PoP may tell of. */
export const CREDENTIAL_REPORTS_MAX = 1_000;
/** Records that are named in the log where what is published is not what the store holds. */
export const DIFFERENCES_LOGGED_MAX = 10;
/** Ports of one resource that is no HTTP: each PoP opens them all. */
export const PORTS_OF_A_RESOURCE_MAX = 1_024;
/** Taken from all ports that change hands, until they have: more than there are. */
export const PORTS_PARKED_BELOW = 100_000;
/** Prefixes of proxies that a resource trusts. */
export const TRUSTED_PROXIES_MAX = 256;
/** Shortest and longest silence after which a session of datagrams is over. */
export const UDP_IDLE_MIN_MS = 1_000;
/** A day: longer than any keep-alive. */
export const UDP_IDLE_MAX_MS = 86_400_000;
/** How often PoPs are told who signed in, where a policy asks: people do not wait longer after their sign-in. */
export const SIGN_IN_NEWS_MS = 1_000;
/** A sign-in may be committed so much later than its time says; what is told twice changes nothing. */
export const SIGN_IN_NEWS_LATE_MS = 5_000;
/** Sign-ins that are told at once: as many as a PoP keeps. */
export const SIGN_INS_TOLD_MAX = 50_000;
/** Requests a second that one PoP may have logged, over a while; PoPs send as many of one second at most. */
export const REQUESTS_PER_SECOND_PER_POP = 1_000;
/** How far ahead of control's clock a PoP's may say that a request was: what is more is a clock that is wrong. */
export const REQUEST_CLOCK_AHEAD_MS = 60_000;
/** The same for the past: a request of a WebSocket is told when it ends, after a working day. */
export const REQUEST_CLOCK_BEHIND_MS = 86_400_000;
/** Days that an organisation's request log is kept unless it says otherwise. */
export const REQUEST_LOG_DAYS = 14;
/** Longest that it may say. */
export const REQUEST_LOG_DAYS_MAX = 365;
/** What an organisation's request log may take unless it says otherwise: about half a million requests. */
export const REQUEST_LOG_BYTES = 512 * 1024 * 1024;
/** Most that it may say; other organisations than the installation's own have a quota. */
export const REQUEST_LOG_BYTES_MAX = 64 * 1024 * 1024 * 1024;
/** How often logs are brought back to what they may be. */
export const REQUEST_LOG_TRIM_MS = 60_000;
/** Requests that are read of the log at once, where many are: nothing waits long for it. */
export const REQUEST_LOG_READ_ROWS = 1_000;
/** Requests of one export: what a spreadsheet still opens. */
export const EXPORT_REQUESTS_MAX = 100_000;
/** Requests that analytics look at: read within a second or two, and enough to say what most are like. */
export const ANALYTICS_REQUESTS_MAX = 50_000;
/** Points of analytics over time: one for a few pixels of a chart. */
export const ANALYTICS_STEPS = 48;
/** Values that analytics tell apart: users, say. */
export const ANALYTICS_GROUPS_MAX = 10_000;
/** Of those, how many are shown. */
export const ANALYTICS_GROUPS_SHOWN = 10;
/** A connector finds out something new about its network no more often than this. */
export const DIAGNOSIS_PAUSE_MS = 5_000;
