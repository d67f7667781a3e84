import type { Clock } from '../base/index.ts';
import type { SessionCrypto, SigningKey } from '../core/session/index.ts';
import { IdentityProviders } from '../io/identity-provider/index.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { Authenticator } from './authenticate.ts';
import type { ControlCalls } from './control-calls.ts';
import { ControlRelay } from './control-relay.ts';
import type { Counters } from './counters.ts';
import type { Guesses } from './credentials/guesses.ts';
import { FactorCalls } from './factors/factor-calls.ts';
import { PasskeysHere } from './factors/passkey-here.ts';
import { SecondStepPages } from './factors/second-step-pages.ts';
import { SecurityPages } from './factors/security-pages.ts';
import { SECURITY_SECTIONS } from './factors/security-sections.ts';
import { Invitations } from './invitations.ts';
import type { LiveExchanges } from './live-exchanges.ts';
import { MailCalls } from './mail-calls.ts';
import { PasswordReset } from './password-reset.ts';
import { Portal } from './portal.ts';
import { PortalForms } from './portal-forms.ts';
import { ProgramSignIn } from './program-sign-in.ts';
import { ProviderCalls } from './providers/provider-calls.ts';
import { ProviderPortal } from './providers/provider-portal.ts';
import { SetUpPages } from './set-up.ts';
import { SignInDesk } from './sign-in/desk.ts';
import { signInMethods } from './sign-in/methods.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';

/** Wires what the portal's host answers. */
export function makePortal(parts: PortalMaterials): Portal {
  const { crypto, key, control, counters, holder, audit, guesses } = parts;
  const factors = new FactorCalls(control);
  const factorParts = { calls: factors, crypto, key, counters, holder, audit };
  const passkeysHere = new PasskeysHere(factorParts);
  const mail = new MailCalls(control);
  const secrets = { crypto, key, guesses, audit };
  const calls = new ProviderCalls(control);
  const identityProviders = new IdentityProviders(parts.clock);
  const providers = { holder, crypto, key, counters, calls, audit, providers: identityProviders };
  const methods = signInMethods({ control, counters, crypto, factors, passkeysHere, secrets, providers, mail });
  return new Portal({
    ...parts,
    secondStep: new SecondStepPages(factorParts),
    security: new SecurityPages(factorParts, SECURITY_SECTIONS),
    forms: new PortalForms(parts),
    setUp: new SetUpPages(parts),
    invitations: new Invitations(control, counters, holder),
    providers: new ProviderPortal(providers),
    program: new ProgramSignIn({ control, crypto, key, counters }),
    reset: new PasswordReset({ crypto, mail, counters }),
    signIn: new SignInDesk({ crypto, key, counters, methods }),
    relay: new ControlRelay(control, counters, parts.live),
  });
}

export interface PortalMaterials {
  readonly holder: SnapshotHolder;
  readonly control: ControlCalls;
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly live: LiveExchanges;
  readonly guesses: Guesses;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
}
