import { USES_PER_REPORT, USES_WAITING_MAX } from './constants.ts';
import type { UseReport } from './control-budget.ts';

type Waiting = { -readonly [Key in keyof UseReport]: UseReport[Key] };

/** What is to be told to control of the use of credentials. Lost at a restart; limits do not hang on it. */
export class UseCounts {
  readonly #waiting = new Map<string, Waiting>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  used(credentialId: string, version: number, unixMs: number): void {
    const entry = this.#entry(credentialId, version);
    if (!entry) return;
    entry.uses++;
    entry.lastUsedUnixMs = unixMs;
  }

  attacked(credentialId: string, version: number, unixMs: number): void {
    const entry = this.#entry(credentialId, version);
    if (entry) entry.attackedUnixMs = unixMs;
  }

  /** The next ones to be told. */
  take(): readonly UseReport[] {
    const reports = [...this.#waiting.values()].slice(0, USES_PER_REPORT);
    for (const { credentialId } of reports) this.#waiting.delete(credentialId);
    return reports;
  }

  /** They were not told. */
  putBack(reports: readonly UseReport[]): void {
    for (const { credentialId, version, uses, lastUsedUnixMs, attackedUnixMs } of reports) {
      const entry = this.#entry(credentialId, version);
      if (entry?.version !== version) continue;
      entry.uses += uses;
      entry.lastUsedUnixMs ??= lastUsedUnixMs;
      entry.attackedUnixMs ??= attackedUnixMs;
    }
  }

  #entry(credentialId: string, version: number): Waiting | undefined {
    const held = this.#waiting.get(credentialId);
    if (held && held.version >= version) return held;
    if (!held && this.#waiting.size >= USES_WAITING_MAX) return undefined;
    const entry: Waiting = { credentialId, version, uses: 0, lastUsedUnixMs: null, attackedUnixMs: null };
    this.#waiting.set(credentialId, entry);
    return entry;
  }
}
