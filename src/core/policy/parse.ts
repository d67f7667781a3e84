import { MAXIMUM_CONDITION_DEPTH, MAXIMUM_CONDITIONS_PER_RULE, MAXIMUM_RULES } from './constants.ts';
import { CRITERIA, criterionNamed } from './criteria/registry.ts';
import type { Condition, Policy, Rule } from './model.ts';
import { readAction } from './parse-action.ts';
import { join, type Problem, ProblemList, readBoolean, readObject, readText } from './problem.ts';

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Whose rules these are: an organisation's, of a resource that speaks HTTP, or of one that carries bytes or datagrams. */
export type PolicyScope = 'organisation' | 'resource' | 'stream';

const NO_REQUEST =
  'a condition on address, place, time or sign-in: TCP, UDP and TLS that is passed through have no path, method, header, device or certificate to look at';
const NO_STREAM =
  'a condition on requests: who signed in from an address is asked for resources of kind tcp, udp and tls alone';

/**
 * Reads a policy from JSON that anybody may have written. Unknown keys are problems, never ignored: a misspelt
 * restriction must not become none. `scope` says whose rules these are; an organisation's only restrict, so they may
 * not bypass.
 */
export function parsePolicy(json: unknown, scope: PolicyScope = 'resource'): ParsedPolicy {
  const list = new ProblemList();
  const rules = readRules(json, scope, list);
  return rules && list.problems.length === 0 ? { ok: true, policy: { rules } } : { ok: false, problems: list.problems };
}

function readRules(json: unknown, scope: PolicyScope, list: ProblemList): readonly Rule[] | undefined {
  const object = readObject(json, '', ['rules'], list);
  if (!object) return undefined;
  const { rules: items } = object;
  if (!Array.isArray(items) || items.length > MAXIMUM_RULES)
    return list.note('rules', `a list of at most ${MAXIMUM_RULES} rules`, items);
  const ids = new Set<string>();
  const rules: Rule[] = [];
  for (let i = 0; i < items.length; i++) {
    const path = `rules[${i}]`;
    const rule = readRule(items[i], path, scope, list);
    if (!rule) continue;
    if (ids.has(rule.id)) list.note(`${path}.id`, 'an id that no other rule has', rule.id);
    if (scope === 'organisation' && rule.then.kind === 'bypass')
      list.note(`${path}.then.kind`, 'deny or authenticate: organisation rules only restrict', 'bypass');
    ids.add(rule.id);
    rules.push(rule);
  }
  return rules;
}

function readRule(json: unknown, path: string, scope: PolicyScope, list: ProblemList): Rule | undefined {
  const object = readObject(json, path, ['id', 'name', 'enabled', 'when', 'then'], list);
  if (!object) return undefined;
  const id = readText(object['id'], `${path}.id`, list);
  const name = readText(object['name'], `${path}.name`, list);
  const enabled = object['enabled'] === undefined ? true : readBoolean(object['enabled'], `${path}.enabled`, list);
  const when = readCondition(
    object['when'],
    `${path}.when`,
    { depth: 1, budget: { left: MAXIMUM_CONDITIONS_PER_RULE }, scope },
    list,
  );
  const then = readAction(object['then'], `${path}.then`, list);
  if (id === undefined || name === undefined || enabled === undefined || !when || !then) return undefined;
  return { id, name, enabled, when, then };
}

interface Place {
  readonly depth: number;
  readonly budget: { left: number };
  readonly scope: PolicyScope;
}

const CONDITION_KEYS = ['all', 'any', 'not', ...Object.keys(CRITERIA)];

function readCondition(json: unknown, path: string, place: Place, list: ProblemList): Condition | undefined {
  const expected = `an object with exactly one of the keys ${CONDITION_KEYS.join(', ')}`;
  if (place.depth > MAXIMUM_CONDITION_DEPTH)
    return list.note(path, `conditions nested at most ${MAXIMUM_CONDITION_DEPTH} deep`, json);
  if (--place.budget.left < 0)
    return list.note(path, `at most ${MAXIMUM_CONDITIONS_PER_RULE} conditions in a rule`, json);
  const object = readObject(json, path, CONDITION_KEYS, list);
  if (!object) return undefined;
  const [key, ...others] = Object.keys(object);
  if (key === undefined || others.length > 0) return list.note(path, expected, json);
  const inner = { ...place, depth: place.depth + 1 };
  const at = join(path, key);
  if (key === 'all' || key === 'any') {
    const of = readConditions(object[key], at, key === 'any', inner, list);
    return of && (key === 'all' ? { all: of } : { any: of });
  }
  if (key === 'not') {
    const not = readCondition(object[key], at, inner, list);
    return not && { not };
  }
  const criterion = criterionNamed(key);
  if (place.scope === 'stream' && criterion?.asksRequest) return list.note(at, NO_REQUEST, key);
  if (place.scope !== 'stream' && criterion?.asksStream) return list.note(at, NO_STREAM, key);
  const config = criterion?.parse(object[key], at, list);
  return config === undefined ? undefined : ({ [key]: config } as unknown as Condition);
}

function readConditions(
  json: unknown,
  path: string,
  needsOne: boolean,
  place: Place,
  list: ProblemList,
): readonly Condition[] | undefined {
  if (!Array.isArray(json) || (needsOne && json.length === 0))
    return list.note(path, needsOne ? 'a list of at least one condition' : 'a list of conditions', json);
  const conditions: Condition[] = [];
  // The budget ends a list that is too long, after one problem.
  for (let i = 0; i < json.length && place.budget.left >= 0; i++) {
    const condition = readCondition(json[i], `${path}[${i}]`, place, list);
    if (condition) conditions.push(condition);
  }
  return conditions.length === json.length ? conditions : undefined;
}
