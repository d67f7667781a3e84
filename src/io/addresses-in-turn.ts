/** An address as a resolver gives it. */
export interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

/** Addresses in the order to try them: as they came, with the families taking turns (RFC 8305 section 4). */
export function addressesInTurn(found: readonly FoundAddress[]): string[] {
  const [first] = found;
  if (!first) return [];
  const own = found.filter(({ family }) => family === first.family);
  const others = found.filter(({ family }) => family !== first.family);
  const inTurn: string[] = [];
  for (let i = 0; i < Math.max(own.length, others.length); i++)
    for (const one of [own[i], others[i]]) if (one) inTurn.push(one.address);
  return inTurn;
}
