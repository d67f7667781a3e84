import type { Clock, Random } from '../../base/index.ts';
import { chooseProof } from '../../core/certificates/index.ts';
import type { AcmeAuthorization, AcmeChallenge, AcmeDirectory } from '../../io/acme/acme-directory.ts';
import {
  type AcmeChallengesTable,
  type CertificateOrdersTable,
  deleteAcmeChallengesOf,
  insertAcmeChallenges,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { newId } from '../ids.ts';
import { PROVIDER_SETTLE_MS } from './constants.ts';
import { OrderFailure } from './order-failure.ts';
import type { CertificateWish } from './wishes.ts';

/** Whoever serves a zone, and lets us write TXT records into it. */
export interface TextRecords {
  putTxt(name: string, value: string): Promise<void>;
  removeTxt(name: string, value: string): Promise<void>;
}

export interface ChallengeParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined where there is none with this id. */
  readonly dnsProvider: (id: string) => Promise<TextRecords | undefined>;
  readonly failed: (what: string, error: unknown) => void;
}

export interface GivenAnswers {
  readonly rows: readonly AcmeChallengesTable[];
  /** When those of a provider are everywhere; undefined where there is none. */
  readonly settledUnixMs: number | undefined;
  put(transaction: StoreTransaction): Promise<void>;
}

/**
 * Makes the answer to one challenge of each name that is still to be proved. What a provider of DNS serves is there when
 * this resolves; what PoPs serve when it is put and published.
 */
export async function giveAnswers(
  parts: ChallengeParts,
  order: CertificateOrdersTable,
  wish: CertificateWish,
  authorizations: readonly AcmeAuthorization[],
  directory: AcmeDirectory,
): Promise<GivenAnswers> {
  const rows: AcmeChallengesTable[] = [];
  for (const authorization of authorizations.filter(({ status }) => status === 'pending')) {
    const challenge = challengeFor(authorization, wish, order);
    rows.push(await answerTo(parts, order.id, wish, authorization, challenge, directory));
  }
  const served = rows.filter(({ dns_provider_id }) => dns_provider_id !== null);
  for (const row of served) await writeAtProvider(parts, row);
  return {
    rows,
    settledUnixMs: served.length > 0 ? Math.round(parts.clock.unixMs()) + PROVIDER_SETTLE_MS : undefined,
    async put(transaction) {
      await deleteAcmeChallengesOf(transaction, order.id);
      await insertAcmeChallenges(transaction, rows);
    },
  };
}

/** Takes back what providers serve. That a record stays behind is a pity and no more. */
export async function withdrawAnswers(parts: ChallengeParts, rows: readonly AcmeChallengesTable[]): Promise<void> {
  for (const { dns_provider_id, record_name, proof } of rows) {
    if (dns_provider_id === null || record_name === null) continue;
    try {
      await (await parts.dnsProvider(dns_provider_id))?.removeTxt(record_name, proof);
    } catch (error) {
      parts.failed('a proof stays in DNS', error);
    }
  }
}

function challengeFor(
  { name, challenges }: AcmeAuthorization,
  wish: CertificateWish,
  { failures, proved_by }: CertificateOrdersTable,
): AcmeChallenge {
  // What has worked before comes first.
  const wanted = wish.challenges.toSorted((a, b) => Number(b === proved_by) - Number(a === proved_by));
  const kind = chooseProof(
    wanted,
    challenges.map((challenge) => challenge.kind),
    failures,
  );
  const found = challenges.find((challenge) => challenge.kind === kind);
  if (found) return found;
  const offered = challenges.map((challenge) => challenge.kind).join(', ') || 'nothing that is known';
  const possible = wanted.join(', ') || 'nothing';
  throw new OrderFailure(
    'proof-impossible',
    `${name} cannot be proved: the directory offers ${offered}, possible is ${possible}`,
  );
}

async function answerTo(
  { clock, random }: ChallengeParts,
  certificateId: string,
  wish: CertificateWish,
  { name }: AcmeAuthorization,
  challenge: AcmeChallenge,
  directory: AcmeDirectory,
): Promise<AcmeChallengesTable> {
  const { kind, token, url } = challenge;
  const proof = await directory.proof(challenge);
  const row = { id: newId('acm', clock, random), certificate_id: certificateId, kind, name, token, proof, url };
  const nothing = { certificate: null, record_name: null, dns_provider_id: null };
  if (kind === 'http-01') return { ...row, ...nothing };
  if (kind === 'tls-alpn-01')
    return { ...row, ...nothing, certificate: JSON.stringify(await directory.proofCertificate(name, proof)) };
  const record_name = wish.dnsAlias ?? `_acme-challenge.${name}`;
  return { ...row, ...nothing, record_name, dns_provider_id: wish.dnsProviderId ?? null };
}

async function writeAtProvider(parts: ChallengeParts, row: AcmeChallengesTable): Promise<void> {
  try {
    const provider = await parts.dnsProvider(row.dns_provider_id ?? '');
    if (!provider) throw new Error('there is no such provider');
    await provider.putTxt(row.record_name ?? '', row.proof);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OrderFailure(
      'dns-provider-failed',
      `the provider of DNS did not take the proof of ${row.name}: ${why}`,
      error,
    );
  }
}
