import type { IpAddress } from '../../base/index.ts';
import type { AddressPlace, NormalisedTarget, PolicyContext, Subject } from '../../core/policy/index.ts';
import type { Geography } from '../incoming-context.ts';
import type { PublishedStream } from '../published-policies.ts';

/** How a stream came in, for counters and the audit. */
export type StreamMethod = 'TCP' | 'UDP' | 'TLS';

/** What is known of a connection or a session of datagrams before anything of it is passed on. */
export interface StreamFacts {
  readonly requestId: string;
  readonly nowUnixMs: number;
  readonly method: StreamMethod;
  /** The port of the PoP, or of what stands before it, that the client came to. */
  readonly port: number;
  readonly clientAddress: IpAddress | undefined;
  readonly resource: PublishedStream;
}

export interface StreamSources {
  readonly geography: Geography;
  /** Members of an organisation who signed in from an address lately, the latest first. */
  readonly signInsFrom: (address: IpAddress, organisationId: string, nowUnixMs: number) => readonly Subject[];
}

/** A connection as policies and the audit see it. What few policies ask for is worked out when one asks. */
export class StreamContext implements PolicyContext {
  readonly isStream = true;
  readonly requestId: string;
  readonly nowUnixMs: number;
  readonly method: StreamMethod;
  readonly host: string;
  readonly target: NormalisedTarget;
  readonly clientAddress: IpAddress | undefined;
  readonly clientAddressText: string;
  readonly connection: { readonly address: IpAddress | undefined };
  readonly device = {};
  readonly certificate = undefined;
  readonly #facts: StreamFacts;
  readonly #sources: StreamSources;
  #place: AddressPlace | undefined;
  #signIns: readonly Subject[] | undefined;

  constructor(facts: StreamFacts, sources: StreamSources) {
    this.#facts = facts;
    this.#sources = sources;
    this.requestId = facts.requestId;
    this.nowUnixMs = facts.nowUnixMs;
    this.method = facts.method;
    this.host = facts.resource.record.host ?? '';
    const path = `:${facts.port}`;
    this.target = { path, query: '', plainPath: path, plainPathWithoutParameters: path };
    this.clientAddress = facts.clientAddress;
    this.clientAddressText = facts.clientAddress?.text ?? 'unknown';
    this.connection = { address: facts.clientAddress };
  }

  get place(): AddressPlace | undefined {
    if (this.clientAddress) this.#place ??= this.#sources.geography.placeOf(this.clientAddress);
    return this.#place;
  }

  get recentSignIns(): readonly Subject[] {
    const { organisationId } = this.#facts.resource.record;
    if (!this.clientAddress) return [];
    this.#signIns ??= this.#sources.signInsFrom(this.clientAddress, organisationId, this.nowUnixMs);
    return this.#signIns;
  }

  header(): undefined {
    return undefined;
  }

  /** The same connection as it would be judged later, perhaps by another version of its resource. */
  later(nowUnixMs: number, resource: PublishedStream): StreamContext {
    return new StreamContext({ ...this.#facts, nowUnixMs, resource }, this.#sources);
  }
}
