import type { TargetRecord } from '../core/link/index.ts';
import { forwardingFields, rewriteRequestFields, rewriteResponseFields } from '../core/routing/index.ts';
import {
  type AssertionIssuer,
  isManisSetCookie,
  type SigningKey,
  serialiseCookie,
  TARGET_COOKIE,
} from '../core/session/index.ts';
import { Traces } from '../core/tracing/index.ts';
import type { OutgoingRequest } from '../io/http-exchange.ts';
import { certificateFields } from './client-certificates.ts';
import { privateFields } from './private-answer.ts';
import type { RequestContext } from './request-context.ts';
import type { AdmittedRequest } from './serving.ts';
import { addStrictTransport } from './transport-security.ts';

/** What the PoP signs assertions with. */
export interface AssertionSource {
  readonly issuer: () => AssertionIssuer;
  readonly key: SigningKey;
}

/** An admitted request as a backend gets it. */
export function outgoingRequest(
  admitted: AdmittedRequest,
  target: TargetRecord,
  assertions: AssertionSource,
  rest: Pick<OutgoingRequest, 'hasBody'> & Partial<OutgoingRequest>,
): OutgoingRequest {
  const { context, request, rules } = admitted;
  const path = rules?.target ?? context.target.path + context.target.query;
  const headers = backendFields(admitted, target, assertions);
  return { method: context.method, path, headers, incoming: request, trailers: passedTrailers, ...rest };
}

/** The header fields that a backend gets: the client's, cleaned, and who is asking by which PoP, by Manis. */
function backendFields(admitted: AdmittedRequest, target: TargetRecord, assertions: AssertionSource): string[] {
  const { context, request, signedIn, cookie, view, isOwnAuthorization } = admitted;
  // The port that a client names is its own idea; applications make links of what they get here.
  const authority = view.authorityOf(context.host);
  const append: (readonly string[])[] = [
    forwarding(context, authority, view.installation.publicPort),
    ['X-Manis-Request-Id', context.requestId],
    view.popFields(assertions.key.id),
  ];
  const certificate = context.clientCertificate;
  if (certificate) append.push(certificateFields(certificate));
  if (signedIn) {
    const { claims, identity, identityFields } = signedIn;
    const issuer = assertions.issuer();
    const assertion = issuer.assertionFor(claims.id, context.host, identity, assertions.key, context.nowUnixMs);
    append.push(identityFields, ['X-Manis-Assertion', assertion]);
  }
  const host = target.hostHeader ?? authority;
  const traceparent = Traces.forBackend(context.course.trace);
  const plan = { host, cookie, append, isOwnAuthorization, traceparent };
  const { fields } = rewriteRequestFields(request.rawHeaders, plan);
  return admitted.rules?.requestFields(fields) ?? fields;
}

/**
 * The header fields that the client gets: the backend's without what only Manis may say, and Manis's own cookies, of
 * which one marks the target that answered.
 */
export function clientFields(raw: readonly string[], admitted: AdmittedRequest, targetMark?: string): string[] {
  const passed = rewriteResponseFields(raw, isManisSetCookie).fields;
  const rewritten = admitted.rules?.responseFields(passed) ?? passed;
  const mark = targetMark === undefined ? [] : [serialiseCookie(TARGET_COOKIE, targetMark)];
  const setCookies = mark.length > 0 ? [...admitted.setCookies, ...mark] : admitted.setCookies;
  const fields = setCookies.length > 0 ? privateFields(rewritten) : rewritten;
  for (const cookie of setCookies) fields.push('Set-Cookie', cookie);
  addStrictTransport(admitted, fields);
  return fields;
}

/** The fields of an interim answer, without what only Manis may say; cookies wait for the answer itself. */
export function interimFields(raw: readonly string[]): string[] {
  return rewriteResponseFields(raw, () => true).fields;
}

/** Fields that must not come in a trailer (RFC 9110 section 6.5.1): framing, routing, credentials, and who the client is. */
const NO_TRAILERS =
  /^(?:set-cookie2?|cookie|authorization|www-authenticate|cache-control|content-.*|host|location|age|date|expires|vary|trailer)$/i;

/** The trailers that are passed on, either way. */
export function passedTrailers(raw: readonly string[]): string[] {
  const { fields } = rewriteRequestFields(raw, { host: '', cookie: undefined, append: [] });
  const passed: string[] = [];
  for (let i = 2; i + 1 < fields.length; i += 2)
    if (!NO_TRAILERS.test(fields[i] as string)) passed.push(fields[i] as string, fields[i + 1] as string);
  return passed;
}

function forwarding({ connection }: RequestContext, authority: string, publicPort: number): readonly string[] {
  if (connection.forwarding?.authority === authority) return connection.forwarding.fields;
  const { chain } = connection;
  const fields = forwardingFields({ chain, scheme: 'https', host: authority, port: publicPort });
  connection.forwarding = { authority, fields };
  return fields;
}
