/** Spends one-time tokens: the one request by which a node becomes known. */
import { Failure } from '../base/index.ts';
import type { ConnectorEnrolmentRequest, PopEnrolmentRequest } from '../core/link/index.ts';
import { JsonClient } from './json-client.ts';

/** Time to answer an enrolment request. */
const ENROLMENT_TIMEOUT_MS = 15_000;
/** Largest answer to an enrolment request. */
const ENROLMENT_ANSWER_BYTES = 4 * 1024 * 1024;

/** Control refused; `code` is its problem code, or `enrolment-refused` where it gave none. */
export class EnrolmentFailure extends Failure {
  override readonly name = 'EnrolmentFailure';
}

export interface EnrolmentDoor {
  /** Portal of any PoP, or a control node. */
  readonly url: URL;
  /** PEM of a CA to trust beside the system's. */
  readonly ca?: string;
}

type EnrolmentRequest =
  | { readonly as: 'pop'; readonly body: PopEnrolmentRequest }
  | { readonly as: 'connector'; readonly body: ConnectorEnrolmentRequest };

/** The answer's JSON text, for the codec to judge. Rejects with EnrolmentFailure or JsonClientFailure. */
export async function enrol({ url, ca }: EnrolmentDoor, request: EnrolmentRequest): Promise<string> {
  const client = new JsonClient({
    timeoutMs: ENROLMENT_TIMEOUT_MS,
    answerBytes: ENROLMENT_ANSWER_BYTES,
    ...(ca && { ca }),
  });
  try {
    const to = new URL(`/enrol/v1/${request.as}`, url);
    const { status, body } = await client.send({ method: 'POST', url: to, body: request.body });
    if (status === 200 || status === 201) return JSON.stringify(body);
    const { code, detail } = (body ?? {}) as { code?: string; detail?: string };
    const why = detail ?? `${url.origin} answered ${status}`;
    throw new EnrolmentFailure(code ?? 'enrolment-refused', `enrolment refused: ${why}`);
  } finally {
    client.close();
  }
}
