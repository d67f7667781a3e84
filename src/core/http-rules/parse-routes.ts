import { CRITERIA, faultInPath, faultInRegex, normaliseTarget, type ProblemList, readRegex } from '../policy/index.ts';
import { capturesOf } from './capture.ts';
import {
  MAXIMUM_CAPTURES,
  MAXIMUM_PAGE_LENGTH,
  MAXIMUM_ROUTES,
  MAXIMUM_SETTING_ENTRIES,
  MAXIMUM_TEMPLATE_LENGTH,
} from './constants.ts';
import { headerRules, headerRulesOfBoth } from './header-rules.ts';
import {
  type AnswerAction,
  type ForwardAction,
  REDIRECT_STATUSES,
  type RedirectAction,
  type Route,
  type RouteMatch,
} from './model.ts';
import { capturesOfRoute, faultInLocation } from './redirect.ts';
import { flag, listOf, objectOf, oneOf, type Reader, text, whole } from './shape.ts';
import { readTemplate, VARIABLES } from './template.ts';

const when: Reader<RouteMatch> = objectOf<RouteMatch>({
  path: CRITERIA.path.parse,
  method: CRITERIA.method.parse,
  header: CRITERIA.header.parse,
});

const prefix = text(256, (value) => faultInPath(value, 'prefix'));

/** A path that captures and variables are put into: its own text must be normal already. */
function faultInPathTemplate(source: string, captures: number): string | undefined {
  const template = readTemplate(source, { names: VARIABLES, captures });
  if (typeof template === 'string') return template;
  if (!source.startsWith('/')) return 'a path that starts with /';
  // Each variable stands for a letter, so that what is around it is judged.
  const plain = template.map((part) => (part.kind === 'literal' ? part.text : 'x')).join('');
  const fault = faultInPath(plain.replace(/\?.*$/s, ''), 'prefix');
  if (fault !== undefined) return fault;
  return typeof normaliseTarget(encodeURI(plain)) === 'string' ? 'a path that every backend reads alike' : undefined;
}

const forwardFields = objectOf<ForwardAction>({
  targets: listOf(text(64), MAXIMUM_SETTING_ENTRIES),
  stripPrefix: prefix,
  replacePrefix: objectOf<NonNullable<ForwardAction['replacePrefix']>>(
    { prefix, with: text(256, (value) => faultInPath(value, 'prefix')) },
    ['prefix', 'with'],
  ),
  replaceRegex: objectOf<NonNullable<ForwardAction['replaceRegex']>>(
    { regex: text(256, faultInRegex), with: text(MAXIMUM_TEMPLATE_LENGTH) },
    ['regex', 'with'],
  ),
  headers: headerRulesOfBoth,
});

const forward: Reader<ForwardAction> = (json, at, list) => {
  const read = forwardFields(json, at, list);
  if (!read) return undefined;
  const { stripPrefix, replacePrefix, replaceRegex } = read;
  if ([stripPrefix, replacePrefix, replaceRegex].filter((one) => one !== undefined).length > 1)
    return list.note(at, 'at most one of stripPrefix, replacePrefix, replaceRegex', json);
  const tree = replaceRegex && readRegex(replaceRegex.regex);
  if (!replaceRegex || !tree || typeof tree === 'string') return read;
  const captures = capturesOf(tree);
  if (captures > MAXIMUM_CAPTURES)
    return list.note(`${at}.replaceRegex.regex`, `at most ${MAXIMUM_CAPTURES} groups; others are (?:...)`, captures);
  const fault = faultInPathTemplate(replaceRegex.with, captures);
  return fault === undefined ? read : list.note(`${at}.replaceRegex.with`, fault, replaceRegex.with);
};

const redirect: Reader<RedirectAction> = objectOf<RedirectAction>(
  { to: text(MAXIMUM_TEMPLATE_LENGTH), status: oneOf(REDIRECT_STATUSES), keepQuery: flag },
  ['to'],
);

const answer: Reader<AnswerAction> = objectOf<AnswerAction>(
  {
    status: whole(200, 599),
    contentType: text(256, (value) => (/^[\x20-\x7e]+$/.test(value) ? undefined : 'a media type, such as text/plain')),
    body: text(MAXIMUM_PAGE_LENGTH),
    headers: headerRules('response'),
  },
  ['status'],
);

const routeFields = objectOf<Route>(
  { name: text(64), enabled: flag, priority: whole(-1_000, 1_000), when, forward, redirect, answer },
  ['name'],
);

const route: Reader<Route> = (json, at, list) => {
  const read = routeFields(json, at, list);
  if (!read) return undefined;
  const actions = [read.forward, read.redirect, read.answer].filter((action) => action !== undefined);
  if (actions.length !== 1) return list.note(at, 'exactly one of forward, redirect, answer', json);
  if (read.answer && [204, 205, 304].includes(read.answer.status) && read.answer.body !== undefined)
    return list.note(`${at}.answer.body`, `no body with status ${read.answer.status}`, read.answer.body);
  const location = read.redirect && faultInLocation(read.redirect.to, capturesOfRoute(read));
  if (location !== undefined) return list.note(`${at}.redirect.to`, location, read.redirect?.to);
  return faultInPrefix(read, at, list) ? undefined : read;
};

/** A prefix that is taken away must be one that the route asks for; else it would be found only in production. */
function faultInPrefix({ when: match, forward: action }: Route, at: string, list: ProblemList): boolean {
  const taken = action?.stripPrefix ?? action?.replacePrefix?.prefix;
  const asked = match?.path?.prefix ?? match?.path?.exact;
  if (taken === undefined || asked === undefined) return false;
  const bare = taken.replace(/\/$/, '');
  if (asked === taken || asked === bare || asked.startsWith(`${bare}/`)) return false;
  list.note(`${at}.forward`, `a prefix that requests of this route have, such as ${asked}`, taken);
  return true;
}

const items = listOf(route, MAXIMUM_ROUTES);

export const routes: Reader<readonly Route[]> = (json, at, list) => {
  const read = items(json, at, list);
  const names = new Set<string>();
  for (const [i, { name }] of (read ?? []).entries()) {
    if (names.has(name)) list.note(`${at}[${i}].name`, 'a name that no other route has', name);
    names.add(name);
  }
  return read;
};
