/**
 * identity: what an identity provider says of a person, and what becomes of it - presets of providers, where requests to them
 * may go, whose account it is, and when a new one is made. No protocol and no network: `io/identity-provider` speaks with
 * providers, control and PoPs ask here what an answer is worth.
 *
 * Read first: `settings.ts` (what an administrator says of a provider), then `verdict.ts`.
 */
export { type Claims, claimText, isVerifiedEmail, type PersonSaid, personOf, provedTwoFactors } from './claims.ts';
export { type DestinationClass, destinationClass } from './destination.ts';
export { type PresetDefaults, presetDefaults } from './presets.ts';
export type { IdentityVerdict, RefusalReason } from './reasons.ts';
export {
  type EmailTrust,
  PRESETS,
  type Preset,
  type ProviderMapping,
  type ProviderSettings,
  type Provisioning,
} from './settings.ts';
export { judgeIdentity, type KnownAccounts } from './verdict.ts';
