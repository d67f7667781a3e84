/** How a PoP becomes known: at its first start it spends a one-time token, and keeps what control answered. */
import { join } from 'node:path';
import { Failure, fromBase64Url, toBase64 } from '../../base/index.ts';
import {
  decodePopEnrolmentResponse,
  type PopEnrolmentRequest,
  type PopEnrolmentResponse,
} from '../../core/link/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { OWNER_ONLY, readJson, writeJson } from '../../io/files.ts';
import { type Identity, signingPublicKey } from '../../io/identity.ts';
import { JsonClient } from '../../io/json-client.ts';
import type { Log } from '../../io/log.ts';
import type { Enrolment } from './enrolment.ts';

const ENROLMENT_TIMEOUT_MS = 15_000;
const ANSWER_BYTES = 1024 * 1024;

export interface EnrolledPop {
  readonly popId: string;
  readonly name: string;
  readonly rootKey: Uint8Array;
  readonly linkUrls: readonly string[];
}

export interface Announced {
  readonly httpsEndpoints: readonly string[];
  readonly udpEndpoints: readonly string[];
}

/** What `<dataDir>/pop.json` says, or what enrolment gives. Failures: `not-enrolled`, `pop-state-damaged`, control's. */
export async function enrolOrReadPop(
  dataDir: string,
  identity: Identity,
  enrolment: Enrolment | undefined,
  announced: Announced,
  log: Log,
): Promise<EnrolledPop> {
  const path = join(dataDir, 'pop.json');
  const stored = await readJson(path);
  if (stored !== undefined) return fromAnswer(JSON.stringify(stored), path);
  if (!enrolment) {
    throw new Failure('not-enrolled', 'this PoP is not enrolled: start it with --enrol-url and --enrol-token');
  }
  const answer = await enrol(identity, enrolment, announced);
  const enrolled = fromAnswer(JSON.stringify(answer), enrolment.url.origin);
  await writeJson(path, answer, OWNER_ONLY);
  log.info('enrolled', { popId: enrolled.popId, name: enrolled.name });
  return enrolled;
}

async function enrol(identity: Identity, { url, token, ca }: Enrolment, announced: Announced): Promise<unknown> {
  const wireguard = await createWireguardCrypto();
  const request: PopEnrolmentRequest = {
    token,
    wireguardKey: toBase64(wireguard.x25519PublicKey(identity.wireguardPrivateKey)),
    signingKey: signingPublicKey(identity),
    ...announced,
  };
  const client = new JsonClient({ timeoutMs: ENROLMENT_TIMEOUT_MS, answerBytes: ANSWER_BYTES, ...(ca && { ca }) });
  try {
    const { status, body } = await client.send({ method: 'POST', url: new URL('/enrol/v1/pop', url), body: request });
    if (status === 200 || status === 201) return body;
    const { code, detail } = (body ?? {}) as { code?: string; detail?: string };
    throw new Failure(code ?? 'enrolment-refused', `enrolment refused: ${detail ?? `HTTP status ${status}`}`);
  } finally {
    client.close();
  }
}

function fromAnswer(text: string, where: string): EnrolledPop {
  const decoded = decodePopEnrolmentResponse(text);
  const answer: PopEnrolmentResponse | undefined = decoded.ok ? decoded.value : undefined;
  const rootKey = fromBase64Url(answer?.rootKey ?? '');
  if (!answer || rootKey?.length !== 32)
    throw new Failure('pop-state-damaged', `${where} is not the answer to an enrolment`);
  return { popId: answer.popId, name: answer.name, rootKey, linkUrls: answer.linkUrls };
}
