/** Of a body, unless the resource says otherwise: what a webhook or a form is, and not a file. */
export const CAPTURED_BODY_BYTES = 64 * 1024;
/** The most that a resource may ask for: two of these, as text, fit into one message of a link. */
export const CAPTURED_BODY_BYTES_MAX = 256 * 1024;
/** Longest name of a field, parameter or member that may be hidden besides those that always are. */
export const HIDDEN_NAME_MAX_CHARS = 64;
/** Further names of a resource. */
export const HIDDEN_NAMES_MAX = 32;
/** Requests of one resource that are kept, unless it says otherwise: a day's look at a webhook. */
export const KEPT_CAPTURES = 100;
/** The most that one resource may keep: they are for looking at, not an archive. */
export const KEPT_CAPTURES_MAX = 1_000;
/** Of one resource, unless it says otherwise. */
export const KEPT_CAPTURE_BYTES = 16 * 1024 * 1024;
/** The most of one resource. */
export const KEPT_CAPTURE_BYTES_MAX = 64 * 1024 * 1024;
/** How long a captured request is kept, unless the resource says otherwise. */
export const KEPT_CAPTURE_HOURS = 24;
/** The longest: a week; what has to last does not belong here. */
export const KEPT_CAPTURE_HOURS_MAX = 168;
/** Longest name of a member of JSON that is looked at; longer ones name no secret that anybody knows. */
export const MEMBER_NAME_MAX_CHARS = 64;
/** A part of a query without a name that is as long as this is taken for a secret: shorter ones are switches. */
export const NAMELESS_SECRET_CHARS = 20;
/** Longest request target that may be replayed: as long as a head may be. */
export const REPLAYED_TARGET_MAX_CHARS = 8 * 1024;
/** Fields that a replay may have: as many as the door lets in, and room for those of Manis. */
export const REPLAYED_FIELDS_MAX = 80;
