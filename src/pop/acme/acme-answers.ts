import type { SecureContext } from 'node:tls';
import type { AcmeAnswer, AcmeChallengeRecord, SnapshotState } from '../../core/link/index.ts';
import { serverContext } from '../../io/https-server.ts';
import type { ProvenHosts } from '../../io/proving-server.ts';

type TlsAnswer = Extract<AcmeAnswer, { kind: 'tls-alpn-01' }>;

/** What this PoP answers to authorities that ask whether names are ours. Any PoP answers for all: they may ask any. */
export class AcmeAnswers implements ProvenHosts {
  /** By token. */
  readonly #keyAuthorizations = new Map<string, { readonly name: string; readonly text: string }>();
  readonly #certificates = new Map<string, TlsAnswer>();
  readonly #contexts = new Map<string, SecureContext>();
  /** TXT records by name. */
  readonly texts: ReadonlyMap<string, readonly string[]>;

  private constructor(records: Iterable<AcmeChallengeRecord>) {
    const texts = new Map<string, string[]>();
    for (const { name, challenge } of records)
      switch (challenge.kind) {
        case 'http-01':
          this.#keyAuthorizations.set(challenge.token, { name, text: challenge.keyAuthorization });
          break;
        case 'tls-alpn-01':
          this.#certificates.set(name, challenge);
          break;
        case 'dns-01':
          texts.set(challenge.recordName, [...(texts.get(challenge.recordName) ?? []), challenge.text]);
      }
    this.texts = texts;
  }

  static readonly NONE = new AcmeAnswers([]);

  /** The answers of `previous`, where nothing has changed about them. */
  static of(state: SnapshotState, previous?: { readonly state: SnapshotState; readonly acme: AcmeAnswers }) {
    if (previous && !state.records.differsIn(previous.state.records, 'acmeChallenge')) return previous.acme;
    return new AcmeAnswers(state.ofKind('acmeChallenge'));
  }

  /** What is at the path of a token (RFC 8555 section 8.3), on the host that is being proved alone. */
  keyAuthorization(host: string, token: string): string | undefined {
    const found = this.#keyAuthorizations.get(token);
    return found?.name === host ? found.text : undefined;
  }

  get isAny(): boolean {
    return this.#certificates.size > 0;
  }

  contextFor(serverName: string): SecureContext | undefined {
    const answer = this.#certificates.get(serverName);
    const known = this.#contexts.get(serverName);
    if (!answer || known) return known;
    const context = serverContext(answer.certificatePem, answer.keyPem);
    this.#contexts.set(serverName, context);
    return context;
  }
}
