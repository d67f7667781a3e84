import { z } from 'zod';
import { PRESETS, type ProviderSettings, presetDefaults } from '../../core/identity/index.ts';
import { compileMapping } from '../../io/identity-provider/index.ts';
import type { IdentityProvidersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import { portalOriginOf, providerAddresses } from '../providers/client-settings.ts';
import { id, source, sourceItem, unixMs } from './schemas.ts';

const line = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'one line without control characters');
const names = z.array(line).max(64);
const domains = z
  .array(
    z
      .string()
      .toLowerCase()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'a domain such as example.com'),
  )
  .max(256);
const address = z
  .string()
  .max(2048)
  .refine(isProviderAddress, 'an https address without user name, query and fragment');
const expression = z.string().min(1).max(500).describe('JMESPath over the claims');
const mapping = z.strictObject({
  roles: expression.optional(),
  groups: expression.optional(),
  organisation: expression.optional(),
  name: expression.optional(),
});

/** In addresses of the portal and at the provider, so it is chosen once, before the client is registered there. */
const slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'small letters, digits and hyphens');

const settings = {
  label: line.describe('on the button'),
  issuer: address.describe('exactly as the provider writes it, slash at the end included'),
  scopes: names,
  allowPrivate: z.boolean().describe('it may be at a private address; never at link-local and metadata addresses'),
  caPem: z.string().max(65_536).nullable().describe('authority of its certificate, where that is not a public one'),
  userInfo: z.boolean().describe('ask for claims at the userinfo endpoint as well'),
  graphUrl: address.nullable().describe('Microsoft Graph, for groups that are too many for a token'),
  emailTrust: z.enum(['claim', 'assume', 'never']).describe('when an address counts as verified; assume needs domains'),
  domains: domains.describe('who may come through it, by verified address; empty: anybody'),
  linkDomains: domains.describe('domains for which a verified address links to an account that exists'),
  provisioning: z.enum(['never', 'verified-email', 'subject']).describe('who gets an account of their own accord'),
  defaultRoles: names.describe('of new accounts'),
  mapping,
  mfaValues: names.describe('values of amr and acr that stand for two factors'),
  signOut: z.boolean().describe('signing out here leads to signing out there'),
  automatic: z.boolean().describe('the sign-in page leads there at once'),
  listed: z
    .boolean()
    .optional()
    .describe('offered at the portal’s own root as well; left out: those of the first organisation are'),
};

const client = {
  name: slug,
  clientId: line,
  clientSecret: z.string().min(1).max(2048),
  enabled: z.boolean(),
};

export const newProvider = z
  .strictObject({ preset: z.enum(PRESETS), ...client, ...settings })
  .partial()
  .required({ preset: true, name: true, clientId: true });
export const providerChange = z.strictObject({ ...client, ...settings }).partial();

export const provider = z.object({
  id,
  name: z.string(),
  preset: z.enum(PRESETS),
  enabled: z.boolean(),
  clientId: z.string(),
  hasClientSecret: z.boolean().describe('the secret itself is never told'),
  redirectUri: z.string().describe('to be registered at the provider'),
  backChannelLogoutUri: z.string().describe('to be registered where the provider can tell of sign-outs'),
  signedOutUri: z.string().describe('to be registered where signing out leads to the provider and back'),
  ...settings,
  source,
  createdUnixMs: unixMs,
});

export function providerItem(control: Control, row: IdentityProvidersTable): z.output<typeof provider> {
  const own = JSON.parse(row.settings) as ProviderSettings;
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled === 1,
    clientId: row.client_id,
    hasClientSecret: row.client_secret !== null,
    ...providerAddresses(portalOriginOf(control), row.name),
    ...own,
    scopes: [...own.scopes],
    domains: [...own.domains],
    linkDomains: [...own.linkDomains],
    defaultRoles: [...own.defaultRoles],
    mfaValues: [...own.mfaValues],
    caPem: own.caPem ?? null,
    graphUrl: own.graphUrl ?? null,
    source: sourceItem(row),
    createdUnixMs: row.created_unix_ms,
  };
}

/** Settings of a new provider: what was said, and what its preset knows. Failure `provider-invalid`. */
export function settingsOfNew(body: z.output<typeof newProvider>): ProviderSettings {
  const { preset } = body;
  const { issuer, issuerForm, graphUrl, ...defaults } = presetDefaults(preset);
  const own = ownSettings(body);
  const made = own.issuer ?? issuer;
  if (made === undefined) throw invalid('issuer', `the issuer of this provider, in the form ${issuerForm}`);
  return checked({
    preset,
    ...defaults,
    ...(graphUrl !== undefined && { graphUrl }),
    allowPrivate: false,
    emailTrust: 'claim',
    domains: [],
    linkDomains: [],
    provisioning: 'verified-email',
    defaultRoles: [],
    mfaValues: [],
    automatic: false,
    ...own,
    issuer: made,
  });
}

/** Settings after a change. Failure `provider-invalid`. */
export function changedSettings(before: ProviderSettings, body: z.output<typeof providerChange>): ProviderSettings {
  const { caPem, graphUrl, ...rest } = before;
  const next = {
    ...rest,
    ...(caPem !== undefined && body.caPem === undefined && { caPem }),
    ...(graphUrl !== undefined && body.graphUrl === undefined && { graphUrl }),
    ...ownSettings(body),
  };
  return checked(next);
}

/** Whether the client secret would go elsewhere than before: then whoever changes that must know it. */
export function leadsElsewhere(before: ProviderSettings, after: ProviderSettings): boolean {
  const place = ({ issuer, allowPrivate, caPem }: ProviderSettings): string =>
    JSON.stringify([issuer, allowPrivate, caPem]);
  return place(before) !== place(after);
}

function ownSettings(body: z.output<typeof providerChange>): Partial<ProviderSettings> {
  const {
    name: _name,
    clientId: _id,
    clientSecret: _secret,
    enabled: _enabled,
    caPem,
    graphUrl,
    mapping,
    ...rest
  } = body;
  const { preset: _preset, ...own } = rest as typeof rest & { preset?: unknown };
  const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const expressions = mapping && Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
  return {
    ...said,
    ...(typeof caPem === 'string' && { caPem }),
    ...(typeof graphUrl === 'string' && { graphUrl }),
    ...(expressions && { mapping: expressions }),
  };
}

function checked(settings: ProviderSettings): ProviderSettings {
  for (const expression of Object.values(settings.mapping))
    if (typeof expression === 'string') compileMapping(expression);
  if (settings.emailTrust === 'assume' && settings.domains.length === 0)
    throw invalid('domains', 'the domains of your own directory, because every address is taken for verified');
  if (settings.preset !== 'github' && !settings.scopes.includes('openid')) throw invalid('scopes', 'openid among them');
  const places = [settings.issuer, settings.graphUrl ?? settings.issuer];
  if (!settings.allowPrivate && places.some((place) => !place.startsWith('https:')))
    throw invalid('issuer', 'an https address; plain http is for this machine alone, with allowPrivate');
  return settings;
}

function isProviderAddress(text: string): boolean {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '' && !/[\s\\]/.test(text);
}

function invalid(path: string, expected: string): ControlFailure {
  return new ControlFailure('provider-invalid', `${path}: ${expected}`, { problems: [{ path, expected }] });
}
