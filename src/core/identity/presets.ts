import type { Preset, ProviderSettings } from './settings.ts';

export interface PresetDefaults
  extends Pick<ProviderSettings, 'label' | 'scopes' | 'userInfo' | 'mapping' | 'signOut'> {
  /** Where the issuer is the same for everybody. */
  readonly issuer?: string;
  /** What the issuer looks like, for people. */
  readonly issuerForm: string;
  readonly graphUrl?: string;
}

const OPENID = ['openid', 'profile', 'email'];

const DEFAULTS: Readonly<Record<Preset, PresetDefaults>> = {
  google: {
    label: 'Google',
    issuer: 'https://accounts.google.com',
    issuerForm: 'https://accounts.google.com',
    scopes: OPENID,
    userInfo: false,
    mapping: {},
    // Google has no endpoint for it.
    signOut: false,
  },
  entra: {
    label: 'Microsoft',
    issuerForm: 'https://login.microsoftonline.com/<tenant id>/v2.0',
    scopes: OPENID,
    userInfo: false,
    graphUrl: 'https://graph.microsoft.com/v1.0',
    mapping: { groups: 'groups', roles: 'roles' },
    signOut: true,
  },
  okta: {
    label: 'Okta',
    issuerForm: 'https://<domain>.okta.com, or with /oauth2/default',
    scopes: [...OPENID, 'groups'],
    userInfo: true,
    mapping: { groups: 'groups' },
    signOut: true,
  },
  auth0: {
    label: 'Auth0',
    issuerForm: 'https://<domain>.auth0.com/ with the slash at the end',
    scopes: OPENID,
    userInfo: true,
    mapping: {},
    signOut: true,
  },
  github: {
    label: 'GitHub',
    issuer: 'https://github.com',
    issuerForm: 'https://github.com, or the address of a GitHub Enterprise Server',
    scopes: ['read:user', 'user:email', 'read:org'],
    userInfo: true,
    mapping: { groups: '[orgs, teams][]' },
    signOut: false,
  },
  keycloak: {
    label: 'Keycloak',
    issuerForm: 'https://<host>/realms/<realm>',
    scopes: OPENID,
    userInfo: true,
    mapping: { groups: 'groups' },
    signOut: true,
  },
  authentik: {
    label: 'authentik',
    issuerForm: 'https://<host>/application/o/<slug>/ with the slash at the end',
    scopes: OPENID,
    userInfo: true,
    mapping: { groups: 'groups' },
    signOut: true,
  },
  generic: {
    label: 'Single sign-on',
    issuerForm: 'as the provider writes it in its discovery document',
    scopes: OPENID,
    userInfo: true,
    mapping: { groups: 'groups' },
    signOut: true,
  },
};

/** What a preset knows of its provider; everything may be said otherwise. */
export function presetDefaults(preset: Preset): PresetDefaults {
  return DEFAULTS[preset];
}
