/**
 * routing: from a host name to a backend. The host table, the choice among targets, health, retries, and what is
 * done to header fields on the way.
 *
 * Read first: `target.ts` (what is chosen among), `health.ts` and `ejection.ts` (what is known of a way), `tiers.ts` (how much
 * of that is believed), `header-names.ts` (what
 * becomes of which field). Sources: RFC 9110 section 7.6 (forwarding), RFC 9112, RFC 7239 (Forwarded).
 */
export { type Balancer, balancerFor } from './balancer.ts';
export {
  type CheckTls,
  type HttpCheck,
  isExpected,
  parseStatusRange,
  type StatusRange,
  type TargetCheck,
  type TcpCheck,
} from './check.ts';
export { type CheckableTarget, CheckSchedule, type DueCheck, type TargetState } from './check-schedule.ts';
export { type Choice, type RankedWay, TargetPool, type WayOutcome } from './choice.ts';
export {
  CHECK_INTERVAL_MS,
  CHECK_TIMEOUT_MS,
  CHECK_UNHEALTHY_INTERVAL_MS,
  HEALTHY_THRESHOLD,
  UNHEALTHY_THRESHOLD,
} from './constants.ts';
export {
  clientChain,
  encodeIdentityValue,
  type ForwardedIdentity,
  type Forwarding,
  forwardingFields,
  identityFields,
} from './forwarded.ts';
export { encodeGrpcMessage, GRPC_STATUS, grpcStatusOf, grpcTimeoutMs, isGrpc } from './grpc.ts';
export { type HeaderVerdict, verdictOn } from './header-names.ts';
export {
  faultInRequestHead,
  fieldsWithout,
  fieldValue,
  type HeadDropReason,
  type RequestPlan,
  type RewrittenFields,
  rewriteRequestFields,
  rewriteResponseFields,
} from './headers.ts';
export {
  afterCheck,
  type CheckState,
  type HealthReason,
  type HealthThresholds,
  healthSentence,
  NOT_CHECKED,
  type WayState,
} from './health.ts';
export { type HostDropReason, type NormalisedHost, normaliseHost } from './host.ts';
export { type HostPatternFault, HostTable } from './host-table.ts';
export {
  type FailedTry,
  isIdempotent,
  mayRetry,
  nextWay,
  RetryBudget,
  type RetryVerdict,
  type TryFailure,
} from './retry.ts';
export { addressKey, type Hint, markOf, NO_HINT } from './sticky.ts';
export {
  type BalanceSettings,
  type Balancing,
  DEFAULT_BALANCE,
  type Health,
  type Stickiness,
  type Target,
  type Way,
} from './target.ts';
export {
  formatTargetUrl,
  parseTargetUrl,
  TARGET_URL_FORMS,
  type TargetPlace,
  type TargetScheme,
  type TargetUrl,
} from './target-url.ts';
export type { PanicWarning } from './tiers.ts';
export { isTlsFault, type TlsFault, tlsFaultSentence } from './tls-fault.ts';
