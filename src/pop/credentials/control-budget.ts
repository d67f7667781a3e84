import type { ControlCalls } from '../control-calls.ts';

/** What was used of a credential since it was last told. */
export interface UseReport {
  readonly credentialId: string;
  readonly version: number;
  readonly uses: number;
  readonly lastUsedUnixMs: number | null;
  /** When tries were last refused because there had been too many. */
  readonly attackedUnixMs: number | null;
}

/** What control counts for all PoPs together. */
export interface ControlBudget {
  /** Undefined where control gives no answer. */
  leaseTries(credentialId: string, version: number): Promise<{ tries: number; untilUnixMs: number } | undefined>;
  /** One use of a limited link. */
  takeUse(credentialId: string, version: number): Promise<boolean | undefined>;
  report(reports: readonly UseReport[]): Promise<boolean>;
}

export function controlBudget(control: Pick<ControlCalls, 'call'>): ControlBudget {
  // Asked twice, control would count twice, so a question that was sent is not put to another node.
  const ask = (what: string, body: Readonly<Record<string, unknown>>) =>
    control.call(`/internal/v1/credentials/${what}`, body, '', 'unless-sent');
  return {
    async leaseTries(credentialId, version) {
      const answer = await ask('tries', { credentialId, version });
      const { tries, untilUnixMs } = (answer?.body ?? {}) as { tries?: unknown; untilUnixMs?: unknown };
      if (answer?.status !== 200 || typeof tries !== 'number' || typeof untilUnixMs !== 'number') return undefined;
      return { tries, untilUnixMs };
    },
    async takeUse(credentialId, version) {
      const answer = await ask('use', { credentialId, version });
      const { granted } = (answer?.body ?? {}) as { granted?: unknown };
      return answer?.status === 200 && typeof granted === 'boolean' ? granted : undefined;
    },
    async report(reports) {
      return ((await ask('report', { reports }))?.status ?? 500) < 300;
    },
  };
}
