import type { Criterion } from '../criterion.ts';
import { asn } from './asn.ts';
import { certificate } from './certificate.ts';
import { continent } from './continent.ts';
import { country } from './country.ts';
import { date } from './date.ts';
import { device } from './device.ts';
import { email } from './email.ts';
import { group } from './group.ts';
import { header } from './header.ts';
import { identityProvider } from './identity-provider.ts';
import { ip } from './ip.ts';
import { knownDevice } from './known-device.ts';
import { list } from './list.ts';
import { loginMethod } from './login-method.ts';
import { method } from './method.ts';
import { mfa } from './mfa.ts';
import { path } from './path.ts';
import { recentSignIn } from './recent-sign-in.ts';
import { role } from './role.ts';
import { sessionAge } from './session-age.ts';
import { time } from './time.ts';
import { user } from './user.ts';

/** Every criterion there is, under the name it has in a policy. A new one is a line here. */
export const CRITERIA = {
  user,
  role,
  group,
  email,
  identityProvider,
  loginMethod,
  mfa,
  sessionAge,
  knownDevice,
  device,
  certificate,
  recentSignIn,
  ip,
  country,
  continent,
  asn,
  list,
  path,
  method,
  header,
  time,
  date,
} as const;

type Criteria = typeof CRITERIA;
export type CriterionName = keyof Criteria;
type ConfigOf<Name extends CriterionName> = Criteria[Name] extends Criterion<infer Config> ? Config : never;

/** A leaf of a condition: an object with one key, the criterion's name, and its config as the value. */
export type Leaf = { [Name in CriterionName]: { readonly [Key in Name]: ConfigOf<Name> } }[CriterionName];

/** A criterion by name, its config type forgotten; only configs that its own `parse` made may be given to it. */
export function criterionNamed(name: string): Criterion<unknown> | undefined {
  return Object.hasOwn(CRITERIA, name) ? (CRITERIA[name as CriterionName] as Criterion<unknown>) : undefined;
}
