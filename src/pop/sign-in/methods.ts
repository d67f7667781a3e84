import type { SessionCrypto } from '../../core/session/index.ts';
import type { ControlCalls } from '../control-calls.ts';
import type { Counters } from '../counters.ts';
import type { FactorCalls } from '../factors/factor-calls.ts';
import type { PasskeysHere } from '../factors/passkey-here.ts';
import type { MailCalls } from '../mail-calls.ts';
import { emailCodeMethod } from './email-code.ts';
import { passkeyMethod } from './passkey.ts';
import { passwordMethod } from './password.ts';
import { type ProviderMethodParts, providerMethod } from './provider.ts';
import { type ResourceSecretParts, resourceSecretMethod } from './resource-secret.ts';
import type { SignInMethod } from './sign-in-method.ts';

export interface SignInMethodParts {
  readonly control: ControlCalls;
  readonly providers: ProviderMethodParts;
  readonly counters: Counters;
  readonly crypto: SessionCrypto;
  readonly factors: FactorCalls;
  readonly passkeysHere: PasskeysHere;
  readonly secrets: ResourceSecretParts;
  readonly mail: MailCalls;
}

/** Every way of signing in, in the order in which the page offers them. */
export function signInMethods({
  control,
  counters,
  crypto,
  factors,
  passkeysHere,
  secrets,
  providers,
  mail,
}: SignInMethodParts): readonly SignInMethod[] {
  return [
    providerMethod(providers),
    resourceSecretMethod('pin', secrets),
    resourceSecretMethod('resource-password', secrets),
    passwordMethod(control, counters, crypto),
    passkeyMethod({ crypto, counters, calls: factors, here: passkeysHere }),
    emailCodeMethod({ crypto, counters, mail }),
  ];
}
