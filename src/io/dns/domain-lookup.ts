/** Looks up what is in DNS of a domain, as this machine sees it. */
import { getServers } from 'node:dns';
import { Failure, parseEndpoint, parseIpAddress } from '../../base/index.ts';
import type { LookupAnswer, LookupRecord } from '../../core/dns/index.ts';
import { destinationClass } from '../../core/identity/index.ts';
import type { DomainAnswer, DomainQuestion } from '../../core/link/index.ts';
import { LOOKUP_AT_ONCE, LOOKUP_FOUND_MAX, LOOKUP_SERVERS_MAX, LOOKUP_TEXT_MAX_CHARS } from './constants.ts';
import { type DnsServerAddress, lookUp, textOf } from './dns-client.ts';

export interface DomainLookupOptions {
  /** `address` or `address:port`; left out: what the machine is set to. */
  readonly resolvers?: () => readonly string[];
  /** Where servers of zones listen; 53 everywhere but in tests. */
  readonly serverPort?: number;
  /** Servers of zones may be at private addresses. Anybody who adds a domain says which servers are asked. */
  readonly allowPrivate?: boolean;
}

const TYPES = { A: 1, NS: 2, CNAME: 5, TXT: 16, AAAA: 28 } as const;

export class DomainLookup {
  readonly #options: DomainLookupOptions;

  constructor(options: DomainLookupOptions = {}) {
    this.#options = options;
  }

  /** One answer for each question, in their order. Never rejects. */
  async answer(questions: readonly DomainQuestion[]): Promise<DomainAnswer[]> {
    const above = new Map<string, Promise<readonly DnsServerAddress[]>>();
    const serversAbove = (zone: string): Promise<readonly DnsServerAddress[]> => {
      const known = above.get(zone) ?? this.#serversAbove(zone);
      above.set(zone, known);
      return known;
    };
    const answers = new Array<DomainAnswer>(questions.length);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let i = next++; i < questions.length; i = next++) {
        const question = questions[i] as DomainQuestion;
        answers[i] = await this.#answerOne(question, serversAbove);
      }
    };
    await Promise.all(Array.from({ length: LOOKUP_AT_ONCE }, work));
    return answers;
  }

  async #answerOne(
    question: DomainQuestion,
    serversAbove: (zone: string) => Promise<readonly DnsServerAddress[]>,
  ): Promise<DomainAnswer> {
    try {
      const found =
        question.above === undefined
          ? foundIn(await this.#resolve(question), question)
          : await this.#askAbove(question, await serversAbove(question.above));
      return { ...question, found: found.slice(0, LOOKUP_FOUND_MAX) };
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'it failed';
      return { ...question, found: [], problem: problem.slice(0, LOOKUP_TEXT_MAX_CHARS) };
    }
  }

  /** By the first resolver that answers. */
  async #resolve({ name, type }: Pick<DomainQuestion, 'name' | 'type'>): Promise<LookupAnswer> {
    const resolvers = (this.#options.resolvers ?? getServers)().flatMap((text) => addressOf(text) ?? []);
    let last: unknown = new Failure('dns-no-answer', 'this machine has no resolver');
    for (const resolver of resolvers) {
      try {
        const answer = await lookUp(resolver, name, type, { recursion: true });
        if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return answer;
        last = new Failure('dns-no-answer', `the resolver says ${answer.rcode} to ${name} ${type}`);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  /** What servers of the zone above hand out: as an answer, or as the referral and its glue. All of them are asked. */
  async #askAbove(question: DomainQuestion, servers: readonly DnsServerAddress[]): Promise<string[]> {
    const settled = await Promise.allSettled(
      servers.map(async (server) => {
        const answer = await lookUp(server, question.name, question.type, { recursion: false });
        if (answer.rcode !== 'NOERROR' && answer.rcode !== 'NXDOMAIN')
          throw new Failure('dns-no-answer', `${textOf(server)} says ${answer.rcode}`);
        return foundIn(answer, question, [...answer.authorities, ...answer.additionals]);
      }),
    );
    const answered = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // A record that some of them have is on its way to the others, which counts as not there yet.
    const [first, ...others] = answered;
    if (!first) throw (settled.find((one) => one.status === 'rejected')?.reason as unknown) ?? new Error('no server');
    return first.filter((value) => others.every((other) => other.includes(value)));
  }

  /** Servers of the nearest zone above. */
  async #serversAbove(zone: string): Promise<readonly DnsServerAddress[]> {
    for (let dot = zone.indexOf('.'); ; dot = zone.indexOf('.', dot + 1)) {
      const parent = dot < 0 ? '' : zone.slice(dot + 1);
      const names = foundIn(await this.#resolve({ name: parent, type: 'NS' }), { name: parent, type: 'NS' });
      if (names.length > 0) return this.#addressesOf(names, parent);
      if (dot < 0) throw new Failure('dns-no-answer', `there is no zone above ${zone}`);
    }
  }

  async #addressesOf(names: readonly string[], parent: string): Promise<DnsServerAddress[]> {
    const found: string[] = [];
    for (const name of names.slice(0, LOOKUP_SERVERS_MAX)) {
      const addresses = await this.#addressesOfServer(name);
      found.push(...addresses.slice(0, 1));
    }
    if (found.length === 0) throw new Failure('dns-no-answer', `no server of ${parent || 'the root'} can be asked`);
    return found.map((host) => ({ host, port: this.#options.serverPort ?? 53 }));
  }

  async #addressesOfServer(name: string): Promise<string[]> {
    for (const type of ['A', 'AAAA'] as const) {
      const found = foundIn(await this.#resolve({ name, type }), { name, type });
      const allowed = found.filter((address) => this.#mayAsk(address));
      if (allowed.length > 0) return allowed;
    }
    return [];
  }

  #mayAsk(text: string): boolean {
    const address = parseIpAddress(text);
    const place = address ? destinationClass(address) : 'never';
    return place === 'public' || (place === 'private' && this.#options.allowPrivate === true);
  }
}

/** Values of the records that were asked for; addresses also of what a name is an alias of. */
function foundIn(
  answer: LookupAnswer,
  { name, type }: Pick<DomainQuestion, 'name' | 'type'>,
  more: readonly LookupRecord[] = [],
): string[] {
  const owners = new Set([name]);
  if (type === 'A' || type === 'AAAA')
    for (const record of answer.answers)
      if (record.type === TYPES.CNAME && record.value !== undefined && owners.has(record.name))
        owners.add(record.value);
  const records = [...answer.answers, ...more].filter((one) => one.type === TYPES[type] && owners.has(one.name));
  const values = records.flatMap(({ value }) => value ?? []);
  return [...new Set(values)].map((value) => value.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, LOOKUP_TEXT_MAX_CHARS));
}

function addressOf(text: string): DnsServerAddress | undefined {
  const plain = parseIpAddress(text.replace(/%.*$/, ''));
  if (plain) return { host: text, port: 53 };
  const endpoint = parseEndpoint(text);
  return endpoint && { host: endpoint.address.text, port: endpoint.port };
}
