/**
 * steering: which PoPs answer a client. Sans-IO: facts go in once a second, choices come out.
 *
 * Read first: `facts.ts` (what is known of PoPs and clients), `liveness.ts` (who is alive, by the word of the others),
 * `shares.ts` (which share of its clients a PoP keeps when it nears its capacity), `steering.ts` (the choice).
 */
export { browserAddresses, nameserverAddresses } from './browser-addresses.ts';
export { type ClientPrefix, clientPrefix, isPublicAddress } from './client-prefix.ts';
export { ANSWER_TTL_SECONDS } from './constants.ts';
export type {
  ClientPlace,
  Coordinates,
  Liveness,
  PeerReport,
  PeerReports,
  PeerState,
  PopLoadClaim,
  PrefixRttClaim,
  SteeredPop,
  SteeringClient,
} from './facts.ts';
export { LivenessJudge, type Testimony } from './liveness.ts';
export { PeerPrefixRtts, PrefixRtts } from './prefix-rtts.ts';
export { estimatedRttMs, greatCircleKm } from './round-trip.ts';
export { isPlausible } from './shares.ts';
export { type Family, Steering } from './steering.ts';
