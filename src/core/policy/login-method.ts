/** Login methods that need no account: something that is held or known, given out per resource. */
export const CREDENTIAL_METHODS = [
  'pin',
  'resource-password',
  'share-link',
  'service-token',
  'header',
  'certificate',
] as const;
export type CredentialMethod = (typeof CREDENTIAL_METHODS)[number];

/** How a person or a machine can prove who they are. The names go into sessions, policies and logs. */
export const LOGIN_METHODS = [
  'password',
  'totp',
  'recovery-code',
  'passkey',
  'email-otp',
  'oidc',
  ...CREDENTIAL_METHODS,
] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];
