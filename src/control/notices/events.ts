/** The events that webhooks get: a closed list. */
import type { ConditionKind } from './condition.ts';

export const EVENT_TYPES = [
  'site.offline',
  'site.online',
  'pop.offline',
  'pop.online',
  'target.down',
  'target.up',
  'certificate.failing',
  'certificate.recovered',
  'sign-in.refused-burst',
  'sign-in.calm',
  'policy.changed',
  'configuration.changed',
  'alert.raised',
  'alert.recovered',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Sent when somebody wants to see whether events arrive; no webhook has to ask for it. */
export const TEST_EVENT = 'webhook.test';

/** What tells that a condition begins, and that it is over. */
export const CONDITION_EVENTS: Readonly<Record<ConditionKind, readonly [begins: EventType, ends: EventType]>> = {
  site: ['site.offline', 'site.online'],
  pop: ['pop.offline', 'pop.online'],
  target: ['target.down', 'target.up'],
  certificate: ['certificate.failing', 'certificate.recovered'],
  'sign-ins': ['sign-in.refused-burst', 'sign-in.calm'],
};

/** Changes that say who may come in. */
export const POLICY_ACTIONS: ReadonlySet<string> = new Set([
  'policy.change',
  'organisation.policy.change',
  'list.put',
  'list.remove',
]);
