import { type CarrierDecision, CarrierPolicy, type DirectPaths } from './policy.ts';

/** The policies of a connector for its PoPs, and what they tell of the network that it is in. */
export class CarrierPolicies {
  readonly #policies = new Map<string, CarrierPolicy>();

  /** What to do about a PoP, from what is known of the paths to it; a PoP not seen before begins now. */
  look(popId: string, paths: DirectPaths, nowMs: number): CarrierDecision {
    let policy = this.#policies.get(popId);
    if (!policy) {
      policy = new CarrierPolicy(nowMs);
      this.#policies.set(popId, policy);
    }
    return policy.look(paths, this.#isBlockedElsewhere(policy), nowMs);
  }

  /** Forgets PoPs that are not among these. Gives them. */
  retain(popIds: ReadonlySet<string>): string[] {
    const gone = [...this.#policies.keys()].filter((id) => !popIds.has(id));
    for (const id of gone) this.#policies.delete(id);
    return gone;
  }

  /** One PoP without UDP tells nothing of the network while another has it. */
  #isBlockedElsewhere(policy: CarrierPolicy): boolean {
    const others = [...this.#policies.values()].filter((other) => other !== policy).map(({ isBlocked }) => isBlocked);
    return others.includes(true) && !others.includes(false);
  }
}
