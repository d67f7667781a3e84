import type { CodeClaims, SessionClaims, SessionSubject, SignInFacts } from './claims.ts';
import { MAXIMUM_RETURN_TARGET_LENGTH } from './constants.ts';

/**
 * Claims as the payload of a token: JSON with short names in a fixed order, so that encoding what was decoded gives
 * the same text.
 *
 * | name | claim | name | claim |
 * |---|---|---|---|
 * | k | kind: p portal, r resource, c code | st | startedAt |
 * | id | id | iat | issuedAt |
 * | sub | whom of the subject | exp | expiresAt |
 * | sk | subject: g guest, h holder, left out: user | vp, vs | via |
 * | pp | pathPrefix | dk, ma | deviceKeyId, mfaAt |
 * | jb | judgedBy | | |
 * | ep | epoch | idl | idleExpiresAt |
 * | amr | methods | h | host |
 * | at | authenticatedAt | r, p | resourceId, parentId |
 * | pe | parentExpiresAt | ch, to | challenge, returnTo |
 */
export function encodeSessionClaims(claims: SessionClaims): string {
  return JSON.stringify({
    k: claims.kind === 'portal' ? 'p' : 'r',
    id: claims.id,
    ...encodeSubject(claims.subject),
    ep: claims.epoch,
    amr: claims.methods,
    at: claims.authenticatedAtUnixMs,
    st: claims.startedAtUnixMs,
    iat: claims.issuedAtUnixMs,
    exp: claims.expiresAtUnixMs,
    idl: claims.idleExpiresAtUnixMs,
    h: claims.host,
    ...(claims.kind === 'resource' ? { r: claims.resourceId, p: claims.parentId } : {}),
    ...encodeFacts(claims),
  });
}

/** The claims, or undefined where the text is not the encoding of any. */
export function decodeSessionClaims(payload: string): SessionClaims | undefined {
  const json = parseObject(payload);
  if (!json) return undefined;
  const { id, ep, amr, at, st, iat, exp, idl, h, r, p } = json;
  const subject = decodeSubject(json);
  const facts = decodeFacts(json);
  if (!isId(id) || !subject || !facts || !isMethods(amr) || !isName(h)) return undefined;
  if (!isCount(ep) || !isCount(at) || !isCount(st) || !isCount(iat) || !isCount(exp) || !isCount(idl)) return undefined;
  const common = {
    id,
    epoch: ep,
    methods: amr,
    authenticatedAtUnixMs: at,
    startedAtUnixMs: st,
    issuedAtUnixMs: iat,
    expiresAtUnixMs: exp,
    idleExpiresAtUnixMs: idl,
    host: h,
    ...facts,
  };
  if (json['k'] === 'p' && subject.kind === 'user')
    return canonical({ kind: 'portal', ...common, subject }, payload, encodeSessionClaims);
  if (json['k'] !== 'r' || !isName(r) || !isId(p)) return undefined;
  return canonical({ kind: 'resource', ...common, subject, resourceId: r, parentId: p }, payload, encodeSessionClaims);
}

export function encodeCodeClaims(claims: CodeClaims): string {
  return JSON.stringify({
    k: 'c',
    id: claims.id,
    ...encodeSubject(claims.subject),
    ep: claims.epoch,
    amr: claims.methods,
    at: claims.authenticatedAtUnixMs,
    iat: claims.issuedAtUnixMs,
    exp: claims.expiresAtUnixMs,
    h: claims.host,
    r: claims.resourceId,
    p: claims.parentId,
    pe: claims.parentExpiresAtUnixMs,
    ch: claims.challenge,
    to: claims.returnTo,
    ...encodeFacts(claims),
  });
}

/** The claims, or undefined where the text is not the encoding of any. */
export function decodeCodeClaims(payload: string): CodeClaims | undefined {
  const json = parseObject(payload);
  if (json?.['k'] !== 'c') return undefined;
  const { id, ep, amr, at, iat, exp, h, r, p, pe, ch, to } = json;
  const subject = decodeSubject(json);
  const facts = decodeFacts(json);
  if (!isId(id) || !subject || !facts || !isMethods(amr) || !isName(h) || !isName(r) || !isId(p)) return undefined;
  if (!isCount(ep) || !isCount(at) || !isCount(iat) || !isCount(exp) || !isCount(pe)) return undefined;
  if (!isName(ch) || typeof to !== 'string' || to.length > MAXIMUM_RETURN_TARGET_LENGTH) return undefined;
  const claims: CodeClaims = {
    kind: 'code',
    id,
    subject,
    epoch: ep,
    methods: amr,
    authenticatedAtUnixMs: at,
    issuedAtUnixMs: iat,
    expiresAtUnixMs: exp,
    host: h,
    resourceId: r,
    parentId: p,
    parentExpiresAtUnixMs: pe,
    challenge: ch,
    returnTo: to,
    ...facts,
  };
  return canonical(claims, payload, encodeCodeClaims);
}

function encodeSubject(subject: SessionSubject): Readonly<Record<string, string>> {
  if (subject.kind === 'user') return { sub: subject.userId };
  return subject.kind === 'guest' ? { sub: subject.email, sk: 'g' } : { sub: subject.credentialId, sk: 'h' };
}

function decodeSubject({ sub, sk }: Readonly<Record<string, unknown>>): SessionSubject | undefined {
  if (!isName(sub)) return undefined;
  if (sk === undefined) return { kind: 'user', userId: sub };
  if (sk === 'g') return { kind: 'guest', email: sub };
  return sk === 'h' ? { kind: 'holder', credentialId: sub } : undefined;
}

export function encodeFacts(facts: SignInFacts): Readonly<Record<string, string | number | undefined>> {
  const { via, pathPrefix, deviceKeyId, judgedBy, mfaAtUnixMs } = facts;
  return { vp: via?.providerId, vs: via?.sid, pp: pathPrefix, dk: deviceKeyId, jb: judgedBy, ma: mfaAtUnixMs };
}

export function decodeFacts({ vp, vs, pp, dk, jb, ma }: Readonly<Record<string, unknown>>): SignInFacts | undefined {
  if (!isOptionalName(vp) || !isOptionalName(vs) || !isOptionalName(pp) || !isOptionalName(dk)) return undefined;
  if (!isOptionalName(jb)) return undefined;
  if (vs !== undefined && vp === undefined) return undefined;
  if (ma !== undefined && !isCount(ma)) return undefined;
  return {
    ...(vp !== undefined && { via: { providerId: vp, ...(vs !== undefined && { sid: vs }) } }),
    ...(pp !== undefined && { pathPrefix: pp }),
    ...(dk !== undefined && { deviceKeyId: dk }),
    ...(jb !== undefined && { judgedBy: jb }),
    ...(ma !== undefined && { mfaAtUnixMs: ma }),
  };
}

function canonical<Claims>(claims: Claims, payload: string, encode: (claims: Claims) => string): Claims | undefined {
  return encode(claims) === payload ? claims : undefined;
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{22}$/.test(value);
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256;
}

function isOptionalName(value: unknown): value is string | undefined {
  return value === undefined || isName(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isMethods(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 16 && value.every((item) => isName(item) && item.length <= 32);
}
