export type ProofKind = 'http-01' | 'tls-alpn-01' | 'dns-01';

/**
 * How a name is proved: by the best kind that is wanted and that the directory offers. After a try that failed by the
 * next one, and so on in turns: port 80 may be closed where DNS is right, and the other way round.
 */
export function chooseProof(
  wanted: readonly ProofKind[],
  offered: readonly ProofKind[],
  failures: number,
): ProofKind | undefined {
  const possible = wanted.filter((kind) => offered.includes(kind));
  return possible[failures % Math.max(1, possible.length)];
}
