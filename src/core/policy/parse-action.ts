import { faultInEmailPattern } from './email-pattern.ts';
import { CREDENTIAL_METHODS, LOGIN_METHODS, type LoginMethod } from './login-method.ts';
import type { Action, Audience, ListedAudience } from './model.ts';
import { oneOf, type ProblemList, readBoolean, readDuration, readObject, readTextList } from './problem.ts';

const ACTION_KEYS = {
  deny: ['kind'],
  bypass: ['kind'],
  authenticate: ['kind', 'anyOf', 'methods', 'mfa', 'maximumMfaAgeMs', 'maximumSessionAgeMs'],
} as const;

/** What follows `then`. */
export function readAction(json: unknown, path: string, list: ProblemList): Action | undefined {
  const anyKind = readObject(json, path, ACTION_KEYS.authenticate, list);
  if (!anyKind) return undefined;
  const { kind } = anyKind;
  if (kind !== 'deny' && kind !== 'bypass' && kind !== 'authenticate')
    return list.note(`${path}.kind`, 'deny, bypass or authenticate', kind);
  if (kind !== 'authenticate') return readObject(json, path, ACTION_KEYS[kind], list) && { kind };
  const anyOf = readAudience(anyKind['anyOf'], `${path}.anyOf`, list);
  const methods = readMethods(anyKind['methods'], `${path}.methods`, list);
  const mfa = anyKind['mfa'] === undefined ? undefined : readBoolean(anyKind['mfa'], `${path}.mfa`, list);
  const maximumMfaAgeMs = readDuration(anyKind['maximumMfaAgeMs'], `${path}.maximumMfaAgeMs`, list);
  const maximumSessionAgeMs = readDuration(anyKind['maximumSessionAgeMs'], `${path}.maximumSessionAgeMs`, list);
  if (mfa === false && maximumMfaAgeMs !== undefined)
    return list.note(`${path}.mfa`, 'true, since maximumMfaAgeMs asks for a second factor', false);
  if (!anyOf) return undefined;
  if ((mfa || maximumMfaAgeMs !== undefined) && anyOf !== 'signed-in' && anyOf.credentials)
    return list.note(`${path}.anyOf.credentials`, CREDENTIALS_WITHOUT_MFA, anyOf.credentials);
  return {
    kind,
    anyOf,
    ...(methods && { methods }),
    ...(mfa === undefined ? {} : { mfa }),
    ...(maximumMfaAgeMs === undefined ? {} : { maximumMfaAgeMs }),
    ...(maximumSessionAgeMs === undefined ? {} : { maximumSessionAgeMs }),
  };
}

const CREDENTIALS_WITHOUT_MFA =
  'nothing: no credential comes with a second factor; give credentials a rule of their own, with { loginMethod: [...] } in its condition';

const LISTS = ['users', 'roles', 'groups', 'emails', 'credentials'] as const;

function readAudience(json: unknown, path: string, list: ProblemList): Audience | undefined {
  if (json === 'signed-in') return json;
  const keys = ['signedIn', ...LISTS];
  if (typeof json !== 'object' || json === null || Object.keys(json).length === 0)
    return list.note(path, `"signed-in", or an object with at least one of ${keys.join(', ')}`, json);
  const object = readObject(json, path, keys, list);
  if (!object) return undefined;
  const signedIn = object['signedIn'];
  if (signedIn !== undefined && signedIn !== true)
    return list.note(`${path}.signedIn`, 'true, or nothing at all', signedIn);
  const audience: { [key: string]: readonly string[] | true } = signedIn ? { signedIn } : {};
  for (const key of LISTS) {
    if (object[key] === undefined) continue;
    const names = readTextList(object[key], `${path}.${key}`, list, FAULTS[key]);
    if (!names) return undefined;
    audience[key] = names;
  }
  return audience as ListedAudience;
}

const FAULTS: { readonly [Key in (typeof LISTS)[number]]?: (text: string) => string | undefined } = {
  emails: faultInEmailPattern,
  credentials: oneOf(CREDENTIAL_METHODS),
};

function readMethods(json: unknown, path: string, list: ProblemList): readonly LoginMethod[] | undefined {
  if (json === undefined) return undefined;
  return readTextList(json, path, list, oneOf(LOGIN_METHODS)) as readonly LoginMethod[] | undefined;
}
