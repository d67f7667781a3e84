import { Sharing, type SharingPop, type SharingState, sharedUses } from './shares.ts';

/** A link with a limit, as the snapshot has it. */
export interface LimitedLink {
  readonly credentialId: string;
  readonly version: number;
  readonly maximumUses: number;
  /** When this version was made: a PoP that came later has no share of it. Left out: long ago. */
  readonly madeUnixMs?: number | undefined;
}

/** What must survive a restart, plain JSON. */
export interface UseState {
  /** What was spent could not be read: the shares are taken for spent. */
  readonly isUnknown: boolean;
  readonly spent: readonly (readonly [credentialId: string, version: number, uses: number])[];
  /** Left out by older versions. */
  readonly sharing?: SharingState;
}

/**
 * Uses of limited share links that this PoP may give without control. Control counts each of the others; this share is for
 * when it cannot be asked.
 */
export class UseBudget {
  readonly #sharing: Sharing;
  #isUnknown = false;
  readonly #spent = new Map<string, { readonly version: number; uses: number }>();

  constructor(popId: string) {
    this.#sharing = new Sharing(popId);
  }

  setPops(pops: readonly SharingPop[], nowUnixMs: number): void {
    this.#sharing.setPops(pops, nowUnixMs);
  }

  /** Whether a use of the own share was spent. It must be on the disk before anything is given for it. */
  spend({ credentialId, version, maximumUses, madeUnixMs = 0 }: LimitedLink): boolean {
    if (this.#isUnknown) return false;
    const held = this.#spent.get(credentialId);
    if (held && held.version > version) return false;
    const spent = held?.version === version ? held : { version, uses: 0 };
    if (spent.uses >= this.#sharing.shareOf(sharedUses(maximumUses), credentialId, madeUnixMs)) return false;
    spent.uses++;
    this.#spent.set(credentialId, spent);
    return true;
  }

  /** Forgets links that are gone from the snapshot, which nobody can use any more. */
  keepOnly(isThere: (credentialId: string) => boolean): void {
    for (const id of this.#spent.keys()) if (!isThere(id)) this.#spent.delete(id);
  }

  state(): UseState {
    return {
      isUnknown: this.#isUnknown,
      sharing: this.#sharing.state(),
      spent: [...this.#spent].map(([id, { version, uses }]) => [id, version, uses] as const),
    };
  }

  restore({ isUnknown, spent, sharing }: UseState, nowUnixMs: number): void {
    this.#isUnknown = isUnknown;
    if (sharing) this.#sharing.restore(sharing, nowUnixMs);
    for (const [id, version, uses] of spent) this.#spent.set(id, { version, uses });
  }

  /** What was spent cannot be read. */
  close(): void {
    this.#isUnknown = true;
  }
}
