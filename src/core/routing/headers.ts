import { addListed, verdictOn } from './header-names.ts';

/** What is written in place of what was taken away. Fields are flat lists: name, value, name, value. */
export interface RequestPlan {
  /** The Host field for the backend. */
  readonly host: string;
  /** The Cookie field without the cookies of Manis; undefined where nothing is left. */
  readonly cookie: string | undefined;
  /** Whether an Authorization value is Manis's own: no backend gets it. Left out: none is. */
  readonly isOwnAuthorization?: ((value: string) => boolean) | undefined;
  /** The trace of the request as the backend learns it. Left out: as the client says. */
  readonly traceparent?: string | undefined;
  /** The protocol to upgrade to, where the client asked and the caller agrees. */
  readonly upgrade?: string;
  /** From `forwardingFields`, `identityFields` and the like, in any number. */
  readonly append: readonly (readonly string[])[];
}

export interface RewrittenFields {
  readonly fields: string[];
  /** Identity fields and twins that the sender had no business to send; counted, and worth an audit event. */
  readonly scrubbed: number;
}

/**
 * The fields of a request for the backend: hop-by-hop fields and those that Connection lists are gone (RFC 9110 section
 * 7.6.1), so are identity fields and twins in every spelling; the plan's are written. Transfer-Encoding is gone too:
 * the body is framed anew by whoever sends it.
 */
export function rewriteRequestFields(raw: readonly string[], plan: RequestPlan): RewrittenFields {
  const listed = listedNames(raw);
  const fields: string[] = ['Host', plan.host];
  let scrubbed = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    switch (verdictOn(name)) {
      case 'keep':
        if (listed?.has(name.toLowerCase()) || isReplaced(name, plan)) break;
        if (isOwnCredential(name, raw[i + 1] as string, plan)) break;
        fields.push(name, raw[i + 1] as string);
        break;
      case 'identity':
      case 'believed':
      case 'twin':
        scrubbed++;
        break;
      default:
        break;
    }
  }
  if (plan.cookie !== undefined) fields.push('Cookie', plan.cookie);
  if (plan.traceparent !== undefined) fields.push('traceparent', plan.traceparent);
  if (plan.upgrade !== undefined) fields.push('Connection', 'Upgrade', 'Upgrade', plan.upgrade);
  for (const list of plan.append) for (const text of list) fields.push(text);
  return { fields, scrubbed };
}

function isReplaced(name: string, { traceparent }: RequestPlan): boolean {
  return traceparent !== undefined && name.length === 'traceparent'.length && name.toLowerCase() === 'traceparent';
}

function isOwnCredential(name: string, value: string, { isOwnAuthorization }: RequestPlan): boolean {
  if (isOwnAuthorization === undefined || name.length !== 'authorization'.length) return false;
  return name.toLowerCase() === 'authorization' && isOwnAuthorization(value);
}

/**
 * The fields of a response for the client: hop-by-hop fields and those that Connection lists are gone, what only Manis
 * may say of itself, and Set-Cookie fields that `isForbiddenSetCookie` knows. `upgrade` as in a 101 response.
 */
export function rewriteResponseFields(
  raw: readonly string[],
  isForbiddenSetCookie: (value: string) => boolean,
  upgrade?: string,
): RewrittenFields {
  const listed = listedNames(raw);
  const fields: string[] = [];
  let scrubbed = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const verdict = verdictOn(name);
    if (verdict === 'hop-by-hop' || verdict === 'connection' || verdict === 'twin') continue;
    const lower = name.toLowerCase();
    if (listed?.has(lower)) continue;
    if (verdict === 'identity' && OWN_NAME.test(lower)) scrubbed++;
    else if ((lower === 'set-cookie' || lower === 'set-cookie2') && isForbiddenSetCookie(value)) scrubbed++;
    else fields.push(name, value);
  }
  if (upgrade !== undefined) fields.push('Connection', 'Upgrade', 'Upgrade', upgrade);
  return { fields, scrubbed };
}

/** X-Manis-Request-Id and its kin, in whatever spelling. */
const OWN_NAME = /^x[^a-z0-9]manis[^a-z0-9]/;

/** Every name that a Connection field lists; undefined where none does, which is nearly always. */
function listedNames(raw: readonly string[]): ReadonlySet<string> | undefined {
  let listed: Set<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2)
    if ((raw[i] as string).length === 'connection'.length && verdictOn(raw[i] as string) === 'connection')
      listed = addListed(raw[i + 1] as string, listed);
  return listed;
}

/** The fields but for those that are to go, by their names in lower case. */
export function fieldsWithout(fields: readonly string[], isToGo: (lower: string) => boolean): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!isToGo(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept;
}

/** All values of a field joined as one (RFC 9110 section 5.2); undefined where there is none. `name` in lower case. */
export function fieldValue(raw: readonly string[], name: string, separator = ', '): string | undefined {
  let joined: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const candidate = raw[i] as string;
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue;
    const value = raw[i + 1] as string;
    joined = joined === undefined ? value : joined + separator + value;
  }
  return joined;
}

/** Why the head of a request is refused before anything is looked up. The answer is 400. */
export type HeadDropReason = 'host-missing' | 'host-duplicated' | 'content-length-duplicated' | 'framing-conflict';

/** Fields that make two readers disagree about whose request this is or where it ends (RFC 9112 sections 3.2, 6.3). */
export function faultInRequestHead(raw: readonly string[]): HeadDropReason | undefined {
  let hosts = 0;
  let lengths = 0;
  let encodings = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (name === 'host') hosts++;
    else if (name === 'content-length') lengths++;
    else if (name === 'transfer-encoding') encodings++;
  }
  if (hosts !== 1) return hosts === 0 ? 'host-missing' : 'host-duplicated';
  if (lengths > 1) return 'content-length-duplicated';
  return lengths + encodings > 1 ? 'framing-conflict' : undefined;
}
