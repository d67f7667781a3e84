/**
 * reach: who reaches whom, and which PoPs a connector keeps tunnels to. Pure tables and machines that are handed what
 * nodes say and what was measured, with the time. Read `reachability-table.ts` (ways to a node through others) first,
 * then `mesh-view.ts` (what PoPs say of themselves) and `pop-choice.ts` (where a connector's tunnels lead).
 */
export type { ChoicePop, TunnelNow } from './candidate.ts';
export { heardPeers, utilisationOf } from './heard-peers.ts';
export { HeardPops } from './heard-pops.ts';
export { MeshView, type PeerView, type ReceivedReport, type ReportRefusal } from './mesh-view.ts';
export { type ChoiceNews, PopChoice, type PopChoiceOptions } from './pop-choice.ts';
export { ReachAnnouncer } from './reach-announcer.ts';
export {
  ReachabilityTable,
  type ReachableEntry,
  type ReachChange,
  type ReachRefusal,
  type Relay,
} from './reachability-table.ts';
export { ReportAnnouncer } from './report-announcer.ts';
