/** Rules as sentences: what a person would say to another. */

import { durationText } from '../../look/durations.ts';
import { TEXTS } from '../../texts/index.ts';
import { CRITERIA, either, type NameOf } from './criteria.ts';
import {
  type Action,
  type Admission,
  type Condition,
  conditionOf,
  isAlways,
  type Rule,
  viewOf,
} from './policy-model.ts';

const { methodNames } = TEXTS.policies;

/** "Allow people with the role staff, signed in with passkey, when it comes from Germany." */
export function ruleSentence({ when, then }: Rule, nameOf: NameOf): string {
  return `${actionText(then, nameOf)}${isAlways(when) ? '' : whenText(when, nameOf)}.`;
}

function whenText(when: Condition, nameOf: NameOf): string {
  const view = viewOf(when);
  const only = view.kind === 'group' && view.children.length === 1 ? view.children[0] : undefined;
  if (only) return whenText(view.isNegated ? { not: only } : only, nameOf);
  if (view.isNegated) return ` unless ${conditionText(conditionOf({ ...view, isNegated: false }), nameOf)}`;
  return ` when ${conditionText(when, nameOf)}`;
}

function actionText(action: Action, nameOf: NameOf): string {
  if (action.kind === 'deny') return 'Refuse every request';
  if (action.kind === 'bypass') return 'Let every request in without signing in';
  return `Allow ${[audienceText(action.anyOf, nameOf), ...proofTexts(action)].join(', ')}`;
}

function audienceText(anyOf: Admission['anyOf'], nameOf: NameOf): string {
  if (anyOf === 'signed-in') return 'everybody who has signed in';
  const { signedIn, users, roles, groups, emails, credentials } = anyOf;
  const parts = [
    ...(signedIn ? ['everybody who has signed in'] : []),
    ...(groups ? [`people of ${either(groups)}`] : []),
    ...(roles ? [`people with the role ${either(roles)}`] : []),
    ...(users ? [either(users.map((id) => nameOf('users', id)))] : []),
    ...(emails ? [either(emails)] : []),
    ...(credentials ? [`holders of a ${either(credentials.map(methodName))}`] : []),
  ];
  return parts.length === 0 ? 'nobody' : either(parts);
}

export function methodName(method: string): string {
  return (methodNames as Readonly<Record<string, string>>)[method] ?? method;
}

function proofTexts({ methods, mfa, maximumMfaAgeMs, maximumSessionAgeMs }: Admission): readonly string[] {
  return [
    ...(methods ? [`signed in with ${either(methods.map(methodName))}`] : []),
    ...(maximumMfaAgeMs !== undefined
      ? [`with a second factor of the last ${durationText(maximumMfaAgeMs)}`]
      : mfa
        ? ['with a second factor']
        : []),
    ...(maximumSessionAgeMs !== undefined ? [`signed in within the last ${durationText(maximumSessionAgeMs)}`] : []),
  ];
}

export function conditionText(condition: Condition, nameOf: NameOf, isInner = false): string {
  const view = viewOf(condition);
  if (view.kind === 'leaf') {
    const text = leafText(view.name, view.config, nameOf);
    return view.isNegated ? `not (${text})` : text;
  }
  const { children, mode, isNegated } = view;
  if (children.length === 0) return isNegated ? 'never' : 'always';
  const parts = children.map((child) => conditionText(child, nameOf, true));
  const text = parts.join(mode === 'all' ? ' and ' : ' or ');
  if (isNegated) return `not (${text})`;
  return isInner && parts.length > 1 ? `(${text})` : text;
}

/** Of a draft the config may be half there; then the criterion is named alone. */
export function leafText(name: string, config: unknown, nameOf: NameOf): string {
  const view = CRITERIA[name];
  if (!view) return name;
  try {
    return view.say(config as never, nameOf);
  } catch {
    return view.label.toLowerCase();
  }
}
