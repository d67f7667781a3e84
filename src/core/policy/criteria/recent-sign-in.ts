import { MAXIMUM_SIGN_IN_AGE_MS } from '../constants.ts';
import type { Subject } from '../context.ts';
import type { Criterion } from '../criterion.ts';
import { type ProblemList, readDuration, readObject, readTextList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

/** Lists of which one has to name who signed in; where there is none, any member of the organisation will do. */
export interface RecentSignInConfig {
  /** Not longer ago than this. */
  readonly withinMs: number;
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
}

const LISTS = ['users', 'roles', 'groups'] as const;

/**
 * Whether somebody signed in at the portal from the client's address lately. An address is not a person: whoever shares
 * it, behind one router as it may be, is admitted with them.
 */
export const recentSignIn: Criterion<RecentSignInConfig> = {
  asksStream: true,
  expects: 'an object with withinMs and, where not any member will do, users, roles or groups',
  parse(json, path, list) {
    const object = readObject(json, path, ['withinMs', ...LISTS], list);
    if (!object) return undefined;
    const withinMs = readWithin(object['withinMs'], `${path}.withinMs`, list);
    if (withinMs === undefined) return undefined;
    const config: {
      withinMs: number;
      users?: readonly string[];
      roles?: readonly string[];
      groups?: readonly string[];
    } = { withinMs };
    for (const key of LISTS) {
      if (object[key] === undefined) continue;
      const names = readTextList(object[key], `${path}.${key}`, list);
      if (!names) return undefined;
      config[key] = names;
    }
    return config;
  },
  compile(config) {
    const counts = compileRecentSignIn(config);
    return ({ recentSignIns, nowUnixMs }) =>
      recentSignIns === undefined ? Unknown : truthOf(recentSignIns.some((subject) => counts(subject, nowUnixMs)));
  },
};

/** Whether a sign-in is one that the condition asks for. */
export function compileRecentSignIn({ withinMs, users, roles, groups }: RecentSignInConfig) {
  const isListed = (subject: Subject): boolean =>
    (users?.includes(subject.userId) ?? false) ||
    (roles?.some((name) => subject.roles.includes(name)) ?? false) ||
    (groups?.some((name) => subject.groups.includes(name)) ?? false);
  const isAny = (users ?? roles ?? groups) === undefined;
  return (subject: Subject, nowUnixMs: number): boolean =>
    nowUnixMs - subject.authenticatedAtUnixMs <= withinMs && (isAny || isListed(subject));
}

function readWithin(json: unknown, path: string, list: ProblemList): number | undefined {
  if (json === undefined) return list.note(path, 'milliseconds', json);
  const withinMs = readDuration(json, path, list);
  if (withinMs === undefined || withinMs <= MAXIMUM_SIGN_IN_AGE_MS) return withinMs;
  return list.note(path, `at most ${MAXIMUM_SIGN_IN_AGE_MS} milliseconds, which is three days`, json);
}
