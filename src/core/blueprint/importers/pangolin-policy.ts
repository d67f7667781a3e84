/** Who may come in, by Pangolin's rules and ways to sign in: a policy, and the credentials that it admits. */
import type { JsonObject } from '../json.ts';
import { asList, asObject, asText, type ImportDraft, rule } from './imported.ts';

export function policyOf(draft: ImportDraft, place: string, name: string, from: JsonObject, kind: string): JsonObject {
  const auth = asObject(from['auth']);
  const sorted = asList(from['rules'])
    .map((rule, at) => ({ from: asObject(rule), at }))
    .sort((a, b) => Number(a.from['priority'] ?? a.at) - Number(b.from['priority'] ?? b.at));
  const authenticate = kind === 'http' ? authenticateOf(draft, `${place}.auth`, name, auth) : undefined;
  const rules = sorted.flatMap(({ from: one, at }) => {
    const made = ruleOf(draft, `${place}.rules[${at}]`, one, at, authenticate);
    return made ? [made] : [];
  });
  const open = rule('open', 'Open to everybody, as it was', { all: [] }, { kind: 'bypass' }, false);
  if (!authenticate)
    draft.note(`${place}.auth`, 'it was open to everybody; here it is not, until you enable its rule "open"');
  const rest = authenticate ? rule('people', 'Who may come in', { all: [] }, authenticate) : open;
  return { rules: [...rules, rest] };
}

/** Undefined where nothing asks who somebody is. */
function authenticateOf(draft: ImportDraft, place: string, name: string, auth: JsonObject): JsonObject | undefined {
  draft.noteUnknown(place, auth, [
    'pincode',
    'password',
    'basic-auth',
    'sso-enabled',
    'sso-roles',
    'sso-users',
    'whitelist-users',
    'auto-login-idp',
  ]);
  if (auth['auto-login-idp'] !== undefined)
    draft.note(`${place}.auto-login-idp`, 'set provider of the resource to the name of the identity provider');
  const methods = [
    ...(auth['pincode'] === undefined ? [] : [secretFor(draft, `${place}.pincode`, name, 'pin')]),
    ...(auth['password'] === undefined ? [] : [secretFor(draft, `${place}.password`, name, 'resource-password')]),
    ...(auth['basic-auth'] === undefined ? [] : [basicAuth(draft, place, name, asObject(auth['basic-auth']))]),
  ];
  const roles = asList(auth['sso-roles']).flatMap((role) => asText(role) ?? []);
  const emails = [...asList(auth['sso-users']), ...asList(auth['whitelist-users'])].flatMap(
    (user) => asText(user) ?? [],
  );
  for (const role of roles)
    if (role !== 'Member') draft.note(`${place}.sso-roles`, `the role ${role} must be there: manis role add`);
  const isOpenToAll = auth['sso-enabled'] === true && roles.length === 0 && asList(auth['sso-users']).length === 0;
  const anyOf = {
    ...(isOpenToAll && { signedIn: true }),
    ...(roles.length > 0 && { roles: roles.map((role) => role.replace(/[^A-Za-z0-9._-]/g, '-')) }),
    ...(emails.length > 0 && { emails: [...new Set(emails)] }),
    ...(methods.length > 0 && { credentials: methods }),
  };
  return Object.keys(anyOf).length === 0 ? undefined : { kind: 'authenticate', anyOf };
}

function secretFor(draft: ImportDraft, place: string, resource: string, method: 'pin' | 'resource-password'): string {
  const env = `${method}_${resource}`.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  draft.credentials[`${resource} ${method}`] = { method, resources: [resource], secret: { env } };
  draft.note(place, `a blueprint holds no secret: put it into the variable ${env} when you apply`);
  return method;
}

function basicAuth(draft: ImportDraft, place: string, resource: string, from: JsonObject): string {
  const env = `header_${resource}`.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  const username = asText(from['user']) ?? asText(from['username']) ?? 'user';
  draft.credentials[`${resource} header`] = { method: 'header', resources: [resource], username, secret: { env } };
  draft.note(
    `${place}.basic-auth.password`,
    `a blueprint holds no secret: put it into the variable ${env} when you apply`,
  );
  draft.noteUnknown(`${place}.basic-auth`, from, ['user', 'username', 'password']);
  return 'header';
}

function ruleOf(
  draft: ImportDraft,
  place: string,
  from: JsonObject,
  at: number,
  authenticate: JsonObject | undefined,
): JsonObject | undefined {
  draft.noteUnknown(place, from, ['action', 'match', 'value', 'priority', 'enabled']);
  const value = asText(from['value']) ?? '';
  const when = conditionOf(asText(from['match']) ?? '', value);
  if (!when) {
    draft.note(place, `there is no condition ${asText(from['match'])} ${value}: whoever it let in is not let in by it`);
    return undefined;
  }
  const action = asText(from['action']);
  // "pass" goes on to sign-in, which whoever is let in by nothing else meets anyway.
  const then = action === 'deny' ? { kind: 'deny' } : action === 'allow' ? { kind: 'bypass' } : authenticate;
  return then && rule(`rule-${at + 1}`, `${action} ${value}`, when, then, from['enabled'] !== false);
}

function conditionOf(match: string, value: string): JsonObject | undefined {
  switch (match) {
    case 'cidr':
    case 'ip':
      return { ip: [value] };
    case 'path':
      return { path: { glob: value.startsWith('/') ? value : `/${value}` } };
    case 'country':
      return value === 'ALL' ? { all: [] } : { country: [value.toUpperCase()] };
    case 'asn':
      return { asn: [Number(value.replace(/^AS/i, ''))] };
    default:
      return undefined;
  }
}
