/** Spends one-time tokens: the one request by which a node becomes known. */
import { equalBytes, Failure } from '../base/index.ts';
import type { ConnectorEnrolmentRequest, PopEnrolmentRequest } from '../core/link/index.ts';
import { certificateSha256 } from './certificates.ts';
import { type JsonAnswer, JsonClient, JsonClientFailure, type JsonClientOptions } from './json-client.ts';
import type { OutboundSettings } from './outbound/outbound-agents.ts';
import { ProxyFailure } from './outbound/proxy-failure.ts';

/** Time to answer an enrolment request. */
const ENROLMENT_TIMEOUT_MS = 15_000;
/** Largest answer to an enrolment request. */
const ENROLMENT_ANSWER_BYTES = 4 * 1024 * 1024;

/** Control refused; `code` is its problem code, or `enrolment-refused` where it gave none. */
export class EnrolmentFailure extends Failure {
  override readonly name = 'EnrolmentFailure';
  /** Whether another door may do better: this one has no way to control now. */
  readonly isUnavailable: boolean;

  constructor(code: string, message: string, isUnavailable = false) {
    super(code, message);
    this.isUnavailable = isUnavailable;
  }
}

export interface EnrolmentDoors extends OutboundSettings {
  /** Control nodes, or the portal of any PoP: tried in this order. At least one. */
  readonly urls: readonly URL[];
  /** SHA-256 of the DER of such a CA, where its certificate is yet to be learnt. 32 bytes. */
  readonly caSha256?: Uint8Array;
  /** The installation's root key, base64url, where the token says it: an answer with another one is refused. */
  readonly rootKey?: string;
}

type EnrolmentRequest =
  | { readonly as: 'pop'; readonly body: PopEnrolmentRequest }
  | { readonly as: 'connector'; readonly body: ConnectorEnrolmentRequest };

/**
 * The answer's JSON text, for the codec to judge. A door that cannot be reached, or that has no way to control, is
 * passed over for the next. Rejects with EnrolmentFailure, JsonClientFailure or ProxyFailure: what the last door said.
 */
export async function enrol(doors: EnrolmentDoors, request: EnrolmentRequest): Promise<string> {
  let failure: unknown;
  for (const url of doors.urls) {
    try {
      return await enrolAt(url, doors, request);
    } catch (error) {
      failure = error;
      if (!isClosed(error)) throw error;
    }
  }
  throw failure;
}

function isClosed(error: unknown): boolean {
  if (error instanceof JsonClientFailure || error instanceof ProxyFailure) return true;
  return error instanceof EnrolmentFailure && error.isUnavailable;
}

async function enrolAt(url: URL, doors: EnrolmentDoors, request: EnrolmentRequest): Promise<string> {
  const { proxy, ca: given, caSha256, rootKey } = doors;
  const learnt = caSha256 && (await learnCa(url, caSha256, doors));
  const ca = [given, learnt].filter(Boolean).join('\n');
  const { status, body } = await exchange({ ...(proxy && { proxy }), ...(ca && { ca }) }, (client) =>
    client.send({ method: 'POST', url: new URL(`/enrol/v1/${request.as}`, url), body: request.body }),
  );
  if (status === 200 || status === 201) {
    refuseOtherRoot(url, body, rootKey);
    return JSON.stringify(body);
  }
  const { code, detail } = (body ?? {}) as { code?: string; detail?: string };
  const why = detail ?? `${url.origin} answered ${status}`;
  throw new EnrolmentFailure(code ?? 'enrolment-refused', `enrolment refused: ${why}`, status >= 500);
}

/** A PoP that passes enrolments on ends their TLS: it could answer in control's place, with a root key of its own. */
function refuseOtherRoot({ origin }: URL, body: unknown, rootKey: string | undefined): void {
  if (rootKey === undefined || (body as { rootKey?: unknown } | undefined)?.rootKey === rootKey) return;
  const who = 'whoever answered is not control, and has the token now; remove the token, and look at that PoP';
  throw new EnrolmentFailure('enrolment-root-unknown', `${origin} answered with another installation's key: ${who}`);
}

/** The CA with this fingerprint, from whoever answers: the fingerprint is what is trusted. */
async function learnCa(url: URL, sha256: Uint8Array, { proxy, ca }: OutboundSettings): Promise<string> {
  const trust = { ...(proxy && { proxy }), ...(ca && { ca }), unverified: true };
  const { status, body } = await exchange(trust, (client) =>
    client.send({ method: 'GET', url: new URL('/enrol/v1/ca', url) }),
  );
  const { pem } = (body ?? {}) as { pem?: unknown };
  if (status >= 500) throw new EnrolmentFailure('enrolment-refused', `${url.origin} answered ${status}`, true);
  if (typeof pem === 'string' && isCertificate(pem, sha256)) return pem;
  const who = 'somebody between may be pretending to be it; check the network, or make a new token';
  throw new EnrolmentFailure('enrolment-ca-unknown', `${url.origin} is not the one that made this token: ${who}`);
}

function isCertificate(pem: string, sha256: Uint8Array): boolean {
  try {
    return equalBytes(certificateSha256(pem), sha256);
  } catch {
    return false;
  }
}

async function exchange(
  trust: Pick<JsonClientOptions, 'ca' | 'proxy' | 'unverified'>,
  ask: (client: JsonClient) => Promise<JsonAnswer>,
): Promise<JsonAnswer> {
  const client = new JsonClient({ timeoutMs: ENROLMENT_TIMEOUT_MS, answerBytes: ENROLMENT_ANSWER_BYTES, ...trust });
  try {
    return await ask(client);
  } finally {
    client.close();
  }
}
