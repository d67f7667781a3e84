/** How a PoP becomes known: at its first start it spends a one-time token, and keeps what control answered. */
import { join } from 'node:path';
import { Failure, fromBase64Url, toBase64 } from '../../base/index.ts';
import { decodePopEnrolmentResponse, type PopEnrolmentResponse } from '../../core/link/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { enrol } from '../../io/enrolment-client.ts';
import { OWNER_ONLY, readJson, writeJson } from '../../io/files.ts';
import { type Identity, signingPublicKey } from '../../io/identity.ts';
import type { Log } from '../../io/log.ts';
import type { Enrolment } from './enrolment.ts';

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
    throw new Failure('not-enrolled', 'this PoP is not enrolled: run "manis pop join TOKEN" once');
  }
  const wireguard = await createWireguardCrypto();
  const body = {
    token: enrolment.token,
    wireguardKey: toBase64(wireguard.x25519PublicKey(identity.wireguardPrivateKey)),
    signingKey: signingPublicKey(identity),
    ...announced,
  };
  const answer = await enrol(enrolment, { as: 'pop', body });
  const enrolled = fromAnswer(answer, 'what control answered');
  await writeJson(path, JSON.parse(answer), OWNER_ONLY);
  log.info('enrolled', { popId: enrolled.popId, name: enrolled.name });
  return enrolled;
}

function fromAnswer(text: string, where: string): EnrolledPop {
  const decoded = decodePopEnrolmentResponse(text);
  const answer: PopEnrolmentResponse | undefined = decoded.ok ? decoded.value : undefined;
  const rootKey = fromBase64Url(answer?.rootKey ?? '');
  if (!answer || rootKey?.length !== 32)
    throw new Failure('pop-state-damaged', `${where} is not the answer to an enrolment`);
  return { popId: answer.popId, name: answer.name, rootKey, linkUrls: answer.linkUrls };
}
