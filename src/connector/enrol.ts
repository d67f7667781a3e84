import { request } from 'node:https';
import { Failure } from '../base/index.ts';
import {
  type ConnectorEnrolmentRequest,
  type ConnectorEnrolmentResponse,
  decodeConnectorEnrolmentResponse,
} from '../core/link/index.ts';
import { ENROLMENT_RESPONSE_BYTES, ENROLMENT_TIMEOUT_MS } from './constants.ts';

/** Enrolment did not work; `code` is the server's problem code, or `enrolment-unreachable`. */
export class EnrolmentFailure extends Failure {
  override readonly name = 'EnrolmentFailure';
}

/** Spends a one-time token at `url` (the portal of any PoP, or a control node). `ca`: PEM to trust beside the system's. */
export async function enrolConnector(
  url: URL,
  ca: string | undefined,
  body: ConnectorEnrolmentRequest,
): Promise<ConnectorEnrolmentResponse> {
  const { status, text } = await post(new URL('/enrol/v1/connector', url), ca, JSON.stringify(body));
  if (status !== 200 && status !== 201) throw refusal(status, text);
  const decoded = decodeConnectorEnrolmentResponse(text);
  if (decoded.ok) return decoded.value;
  throw new EnrolmentFailure('enrolment-answer-malformed', `the answer to the enrolment is wrong at ${decoded.path}`);
}

function refusal(status: number, text: string): EnrolmentFailure {
  try {
    const problem = JSON.parse(text) as { code?: unknown; detail?: unknown; title?: unknown };
    if (typeof problem.code === 'string') {
      return new EnrolmentFailure(
        problem.code,
        `enrolment refused: ${problem.detail ?? problem.title ?? problem.code}`,
      );
    }
  } catch {
    // Not a problem document: something else answers there.
  }
  return new EnrolmentFailure('enrolment-refused', `enrolment refused with HTTP status ${status}`);
}

function post(url: URL, ca: string | undefined, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const unreachable = (cause: Error): void =>
      reject(new EnrolmentFailure('enrolment-unreachable', `cannot enrol at ${url.origin}: ${cause.message}`, cause));
    const outgoing = request(
      url,
      {
        method: 'POST',
        ...(ca && { ca }),
        timeout: ENROLMENT_TIMEOUT_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ENROLMENT_RESPONSE_BYTES) outgoing.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        incoming.on('error', unreachable);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', unreachable);
    outgoing.end(body);
  });
}
