/**
 * policy: who gets in, and why. A policy is an ordered list of rules over conditions in three-valued logic; it is
 * compiled once and evaluated on every request. Also the one normaliser of request targets (RFC 3986, RFC 9112
 * section 3.2), so that the path a policy judged is the path that the backend gets.
 *
 * Read first: `model.ts` (what a policy is), `truth.ts` (the logic), `decision.ts` (the named reasons).
 */
export { emailMayEnter } from './audience.ts';
export {
  type CompiledPolicy,
  compile,
  compileOrganisation,
  type OrganisationPolicy,
  type PolicySources,
} from './compile.ts';
export { MAXIMUM_SIGN_IN_AGE_MS } from './constants.ts';
export {
  type AddressPlace,
  type ClientCertificate,
  CONTINENTS,
  type Continent,
  DEVICE_BROWSERS,
  DEVICE_KINDS,
  DEVICE_OSES,
  type DeviceBrowser,
  type DeviceHints,
  type DeviceKind,
  type DeviceOs,
  type PolicyContext,
  plainContext,
  type Subject,
} from './context.ts';
export { isAsn } from './criteria/asn.ts';
export { mayAskForField } from './criteria/header.ts';
export { faultInPath, faultInRegex } from './criteria/path.ts';
export { CRITERIA, type CriterionName, type Leaf } from './criteria/registry.ts';
export { criteriaUsed } from './criteria-used.ts';
export { newIndexes, type SharedIndexes } from './criterion.ts';
export type { Decision, Outcome, Reason, WaysIn } from './decision.ts';
export { type DeviceFields, readDeviceHints } from './device-hints.ts';
export { evaluate } from './evaluate.ts';
export { type ConditionTrace, type Explanation, explain, type RuleEffect, type RuleTrace } from './explain.ts';
export {
  type CompiledLists,
  compileLists,
  LIST_KINDS,
  type NamedList,
  type NamedLists,
  NO_LISTS,
  readNamedList,
} from './lists.ts';
export { CREDENTIAL_METHODS, type CredentialMethod, LOGIN_METHODS, type LoginMethod } from './login-method.ts';
export type {
  Action,
  Audience,
  AuthenticateAction,
  Condition,
  ListedAudience,
  Policy,
  Rule,
} from './model.ts';
export { type ParsedPolicy, type PolicyScope, parsePolicy } from './parse.ts';
export { statesOf } from './patterns/automaton.ts';
export { readRegex } from './patterns/regex.ts';
export { FOUND, isWithin, SAVE, SPLIT, States, TAKE } from './patterns/states.ts';
export type { PatternTree } from './patterns/tree.ts';
export { type Problem, ProblemList, readObject } from './problem.ts';
export { recentSignInOf } from './recent-sign-in-of.ts';
export { isBelow, type NormalisedTarget, normaliseTarget, type TargetDropReason } from './request-target.ts';
export { False, True, type Truth, type TruthName, truthName } from './truth.ts';
