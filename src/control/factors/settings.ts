import {
  effectiveRoles,
  findMfaSettings,
  type MfaSettingsTable,
  membershipsOf,
  type Queries,
  type UsersTable,
} from '../../io/store/index.ts';
import { REMEMBER_BROWSER_MS } from './constants.ts';

/** What an organisation asks of its people. */
export interface MfaSettings {
  /** Of everybody. */
  readonly required: boolean;
  /** Of the holders of these roles, whatever `required` says. */
  readonly requiredRoles: readonly string[];
  readonly sinceUnixMs: number;
  readonly graceMs: number;
  /** 0: no browser is remembered. */
  readonly rememberMs: number;
  readonly rememberedCounts: boolean;
  /** A code by mail does for people without a factor of their own. */
  readonly emailCodes: boolean;
}

/** Nothing is asked, and a browser may be remembered for 30 days. */
export const DEFAULT_MFA_SETTINGS: MfaSettings = {
  required: false,
  requiredRoles: [],
  sinceUnixMs: 0,
  graceMs: 0,
  rememberMs: REMEMBER_BROWSER_MS,
  rememberedCounts: false,
  emailCodes: false,
};

export async function readMfaSettings(queries: Queries, organisationId: string): Promise<MfaSettings> {
  const row = await findMfaSettings(queries, organisationId);
  return row ? settingsOf(row) : DEFAULT_MFA_SETTINGS;
}

/** What all organisations of a user, as far as a session reaches, ask of them together: the strictest of each. */
export interface MfaRules {
  /** Until when they may do without a factor; undefined: for ever. */
  readonly dueUnixMs: number | undefined;
  readonly rememberMs: number;
  readonly rememberedCounts: boolean;
  readonly emailCodes: boolean;
}

/** @param reach the one organisation that the session will reach; null: all. What others ask for is asked where they are entered. */
export async function mfaRulesOf(queries: Queries, user: UsersTable, reach: string | null): Promise<MfaRules> {
  const all = await membershipsOf(queries, user.id);
  const memberships = reach === null ? all : all.filter(({ organisation_id }) => organisation_id === reach);
  const rules: MfaRules[] = [];
  for (const { organisation_id } of memberships) {
    const settings = await readMfaSettings(queries, organisation_id);
    const roles = settings.requiredRoles.length > 0 ? await effectiveRoles(queries, organisation_id, user.id) : [];
    const isRequired = settings.required || roles.some(({ name }) => settings.requiredRoles.includes(name));
    const dueUnixMs = isRequired ? Math.max(settings.sinceUnixMs, user.created_unix_ms) + settings.graceMs : undefined;
    const { rememberMs, rememberedCounts, emailCodes } = settings;
    rules.push({ dueUnixMs, rememberMs, rememberedCounts, emailCodes });
  }
  const [first = { ...DEFAULT_MFA_SETTINGS, dueUnixMs: undefined }, ...others] = rules;
  return others.reduce(strictest, first);
}

function strictest(one: MfaRules, other: MfaRules): MfaRules {
  return {
    dueUnixMs: earliest(one.dueUnixMs, other.dueUnixMs),
    rememberMs: Math.min(one.rememberMs, other.rememberMs),
    rememberedCounts: one.rememberedCounts && other.rememberedCounts,
    emailCodes: one.emailCodes && other.emailCodes,
  };
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}

export function settingsOf(row: MfaSettingsTable): MfaSettings {
  return {
    required: row.required === 1,
    requiredRoles: JSON.parse(row.required_roles) as string[],
    sinceUnixMs: row.since_unix_ms,
    graceMs: row.grace_ms,
    rememberMs: row.remember_ms,
    rememberedCounts: row.remembered_counts === 1,
    emailCodes: row.email_codes === 1,
  };
}
