/** Looks at domains from control and from every PoP that is linked with this node, and keeps what is seen. */
import type { Clock, Random } from '../../base/index.ts';
import { DOMAIN_QUESTIONS_MAX, type DomainAnswer, type DomainQuestion } from '../../core/link/index.ts';
import type { DomainLookup } from '../../io/dns/domain-lookup.ts';
import type { Log } from '../../io/log.ts';
import { allDomains, type DomainsTable, findAnyDomain, putDomainCheck, type Store } from '../../io/store/index.ts';
import { questionsFor } from './checklist.ts';
import {
  FAILING_LOOK_MS,
  LONG_WAITING_LOOK_MS,
  LOOK_ROUND_MS,
  LOOKS_PER_ROUND_MAX,
  VERIFIED_LOOK_MS,
  VERIFY_WAIT_MS,
  WAITING_IS_LONG_MS,
  WAITING_LOOK_MS,
} from './constants.ts';
import { type DomainFacts, needsOf } from './domain-view.ts';

export interface DomainWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lookup: DomainLookup;
  readonly facts: () => Promise<DomainFacts>;
  /** Asks every PoP that is linked with this node; gives their ids. */
  readonly askPops: (id: string, questions: readonly DomainQuestion[]) => readonly string[];
  /** Something new is known of a domain. */
  readonly looked: (domainId: string) => Promise<void>;
}

interface Asked {
  readonly domainId: string;
  /** Of which no word has come yet. */
  readonly waiting: Set<string>;
  readonly all: PromiseWithResolvers<void>;
}

export class DomainWatch {
  readonly #options: DomainWatchOptions;
  /** By domain: when it is due at this node. */
  readonly #dueMs = new Map<string, number>();
  readonly #asked = new Map<string, Asked>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DomainWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#nextRound(), LOOK_ROUND_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const { all } of this.#asked.values()) all.resolve();
    await this.#round;
  }

  /** Looks now, from everywhere; resolved when all have answered, or with what there is after a while. */
  async verify(domain: DomainsTable): Promise<void> {
    const { store } = this.#options;
    const facts = await this.#options.facts();
    await this.#look(domain, facts);
    const latest = await findAnyDomain(store.database, domain.id);
    if (latest)
      this.#dueMs.set(domain.id, this.#options.clock.nowMs() + intervalOf(latest, this.#options.clock.unixMs()));
  }

  /** A PoP's answers to what it was asked. */
  received(popId: string, { id, answers }: { readonly id: string; readonly answers: readonly DomainAnswer[] }): void {
    const asked = this.#asked.get(id);
    // One word of each that was asked; nothing else is taken.
    if (!asked?.waiting.delete(popId)) return;
    void this.#keep(asked.domainId, popId, answers).finally(() => {
      if (asked.waiting.size === 0) asked.all.resolve();
    });
  }

  #nextRound(): void {
    this.#round = this.#round
      .then(() => this.#lookAtDue())
      .catch((error: unknown) => {
        this.#options.log.error('domains could not be looked at', { error });
      });
  }

  async #lookAtDue(): Promise<void> {
    const { store, clock } = this.#options;
    const domains = await allDomains(store.database);
    const known = new Set(domains.map(({ id }) => id));
    for (const id of this.#dueMs.keys()) if (!known.has(id)) this.#dueMs.delete(id);
    const due = domains.filter(({ id }) => (this.#dueMs.get(id) ?? 0) <= clock.nowMs()).slice(0, LOOKS_PER_ROUND_MAX);
    if (due.length === 0) return;
    const facts = await this.#options.facts();
    for (const domain of due) {
      if (this.#stopped) return;
      this.#dueMs.set(domain.id, clock.nowMs() + intervalOf(domain, clock.unixMs()));
      await this.#look(domain, facts);
    }
  }

  async #look(domain: DomainsTable, facts: DomainFacts): Promise<void> {
    const questions = questionsOf(domain, facts);
    const id = `${domain.id}:${Buffer.from(this.#options.random.bytes(8)).toString('hex')}`;
    const pops = this.#options.askPops(id, questions);
    const all = Promise.withResolvers<void>();
    if (pops.length === 0) all.resolve();
    this.#asked.set(id, { domainId: domain.id, waiting: new Set(pops), all });
    const late = setTimeout(() => all.resolve(), VERIFY_WAIT_MS);
    const own = this.#options.lookup.answer(questions).then((answers) => this.#keep(domain.id, 'control', answers));
    try {
      await Promise.all([own, all.promise]);
      await this.#options.looked(domain.id);
    } finally {
      clearTimeout(late);
      this.#asked.delete(id);
    }
  }

  async #keep(domainId: string, observer: string, answers: readonly DomainAnswer[]): Promise<void> {
    const { store, clock, log } = this.#options;
    const row = { domain_id: domainId, observer, checked_unix_ms: Math.round(clock.unixMs()) };
    // A domain may be gone by now.
    await putDomainCheck(store.database, { ...row, answers: JSON.stringify(answers) }).catch((error: unknown) =>
      log.debug('what was seen of a domain was not kept', { domainId, error }),
    );
  }
}

function questionsOf(domain: DomainsTable, facts: DomainFacts): DomainQuestion[] {
  const all = needsOf(domain, facts).flatMap((record) => questionsFor(record, domain.name));
  // A domain that is a host is asked for its own alias too: that is a proof.
  if (domain.mode === 'cname') all.unshift({ name: domain.name, type: 'CNAME' });
  const byText = new Map(all.map((question) => [JSON.stringify(question), question]));
  return [...byText.values()].slice(0, DOMAIN_QUESTIONS_MAX);
}

function intervalOf({ state, state_since_unix_ms }: DomainsTable, nowUnixMs: number): number {
  if (state === 'verified') return VERIFIED_LOOK_MS;
  if (state === 'failing') return FAILING_LOOK_MS;
  return nowUnixMs - state_since_unix_ms > WAITING_IS_LONG_MS ? LONG_WAITING_LOOK_MS : WAITING_LOOK_MS;
}
