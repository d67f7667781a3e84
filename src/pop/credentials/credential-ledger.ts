import { type Clock, fromUtf8, utf8 } from '../../base/index.ts';
import {
  type LimitedLink,
  type SpentTry,
  type Try,
  type TryAnswer,
  TryBudget,
  type TryState,
  UseBudget,
  type UseState,
} from '../../core/budget/index.ts';
import type { SealedFile } from '../../io/sealed-file.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { USE_REPORT_MS } from './constants.ts';
import type { ControlBudget } from './control-budget.ts';
import { UseCounts } from './use-counts.ts';

export interface CredentialLedgerParts {
  readonly popId: string;
  readonly clock: Clock;
  readonly file: SealedFile;
  readonly control: ControlBudget;
  readonly failed: (what: string, error: unknown) => void;
}

/** `unwritable`: what it costs cannot be put on the disk, so nothing is judged. */
export type TryRefusal = Exclude<TryAnswer, { kind: 'spent' | 'ask' }> | { readonly kind: 'unwritable' };

interface LedgerState {
  readonly tries: TryState;
  readonly uses: UseState;
}

/**
 * What guesses and uses cost, on the record: nothing is judged or given before the disk has it, so no crash and no restart
 * gives anything back.
 */
export class CredentialLedger {
  readonly #parts: CredentialLedgerParts;
  readonly #tries: TryBudget;
  readonly #uses: UseBudget;
  readonly #counts = new UseCounts();
  #isThere: (credentialId: string) => boolean = () => true;
  #loaded: Promise<void> | undefined;
  /** The write that has not begun: what waits goes together. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  #reportedUnixMs = 0;
  #isReporting = false;

  constructor(parts: CredentialLedgerParts) {
    this.#parts = parts;
    this.#tries = new TryBudget(parts.popId);
    this.#uses = new UseBudget(parts.popId);
  }

  /** A new snapshot: among whom shares are split, and which credentials there are. */
  adopt({ state, credentials }: Pick<SnapshotView, 'state' | 'credentials'>): void {
    const pops = [...state.ofKind('pop')];
    this.#tries.setPops(pops, this.#now());
    this.#uses.setPops(pops, this.#now());
    this.#isThere = (credentialId) => credentials.ofId(credentialId) !== undefined;
  }

  /** Spends a try: it is on the disk when this resolves, and the secret may be judged. */
  async begin(guess: Try): Promise<SpentTry | TryRefusal> {
    const { control } = this.#parts;
    await this.#load();
    let answer = this.#tries.begin(guess, this.#now());
    if (answer.kind === 'ask') {
      const lease = await control.leaseTries(guess.credentialId, guess.version);
      this.#tries.leased(guess.credentialId, lease?.tries ?? 0, lease?.untilUnixMs ?? 0, this.#now());
      answer = this.#tries.begin(guess, this.#now());
    }
    // Somebody else spent the lease meanwhile.
    if (answer.kind === 'ask') answer = { kind: 'refused', reason: 'exhausted', waitMs: 60_000 };
    if (answer.kind === 'refused') {
      if (answer.reason === 'exhausted') this.#counts.attacked(guess.credentialId, guess.version, this.#now());
      return answer;
    }
    return (await this.#isWritten()) ? answer : { kind: 'unwritable' };
  }

  /** The guess was right. */
  succeeded(spent: SpentTry): void {
    this.#tries.succeeded(spent, this.#now());
    this.#counts.used(spent.credentialId, spent.version, this.#now());
    // Whether it reaches the disk matters little: without it the try stays spent.
    void this.#isWritten();
  }

  /** One use of a limited link: control's word, or without control this PoP's share. */
  async use(link: LimitedLink): Promise<'given' | 'used-up' | 'unwritable'> {
    await this.#load();
    const granted = await this.#parts.control.takeUse(link.credentialId, link.version);
    if (granted === true) return 'given';
    this.#uses.keepOnly(this.#isThere);
    if (!this.#uses.spend(link)) return 'used-up';
    if (!(await this.#isWritten())) return 'unwritable';
    this.#counts.used(link.credentialId, link.version, this.#now());
    return 'given';
  }

  /** Something that is not limited was used. */
  used(credentialId: string, version: number): void {
    this.#counts.used(credentialId, version, this.#now());
  }

  /** Call about once a second. */
  tick(): void {
    const nowUnixMs = this.#now();
    this.#tries.purge(nowUnixMs);
    if (this.#isReporting || nowUnixMs - this.#reportedUnixMs < USE_REPORT_MS || this.#counts.isEmpty) return;
    this.#isReporting = true;
    this.#reportedUnixMs = nowUnixMs;
    void this.#report().finally(() => {
      this.#isReporting = false;
    });
  }

  /** Resolved when nothing is being written. */
  async settled(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async #report(): Promise<void> {
    const reports = this.#counts.take();
    if (!(await this.#parts.control.report(reports))) this.#counts.putBack(reports);
  }

  #now(): number {
    return Math.round(this.#parts.clock.unixMs());
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<void> {
    try {
      const contents = await this.#parts.file.read();
      if (contents === undefined) return;
      const state = JSON.parse(fromUtf8(contents) ?? '') as LedgerState;
      this.#tries.restore(state.tries, this.#now());
      this.#uses.restore(state.uses, this.#now());
    } catch (error) {
      this.#parts.failed('the record of tries cannot be read: nothing is judged for an hour', error);
      this.#tries.close(this.#now());
      this.#uses.close();
    }
  }

  async #isWritten(): Promise<boolean> {
    try {
      await this.#write();
      return true;
    } catch (error) {
      this.#parts.failed('the record of tries cannot be written', error);
      return false;
    }
  }

  #write(): Promise<void> {
    if (this.#next) return this.#next;
    const written = this.#last
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const state: LedgerState = { tries: this.#tries.state(), uses: this.#uses.state() };
        return this.#parts.file.write(utf8(JSON.stringify(state)));
      });
    this.#next = written;
    this.#last = written;
    return written;
  }
}
