/** Why a node cannot do its work now: what `/readyz` says, and what `manis_not_ready` counts. */
export const NOT_READY = {
  control: ['starting', 'stopping', 'store-unreachable'],
  pop: ['starting', 'stopping', 'draining', 'snapshot-missing', 'snapshot-stale'],
  connector: ['starting', 'stopping', 'no-tunnel'],
} as const;

export type NodeKind = keyof typeof NOT_READY;
export type NotReady<Node extends NodeKind = NodeKind> = (typeof NOT_READY)[Node][number];
