import type { GrantedPop } from '../core/link/index.ts';

/** The PoPs to keep tunnels to: `count` of them, in distinct locations as far as there are such, in the grant's order. */
export function choosePops(pops: readonly GrantedPop[], count: number): GrantedPop[] {
  const chosen: GrantedPop[] = [];
  const places = new Set<string>();
  for (const pop of pops) {
    if (chosen.length === count) return chosen;
    if (places.has(pop.location.name)) continue;
    places.add(pop.location.name);
    chosen.push(pop);
  }
  for (const pop of pops) {
    if (chosen.length === count) break;
    if (!chosen.includes(pop)) chosen.push(pop);
  }
  return chosen;
}
