import { z } from 'zod';
import type { Json, JsonObject } from '../../../core/blueprint/index.ts';
import { parseCustomPages } from '../../../core/http-rules/index.ts';
import { auditSettingsOf, findOrganisationPolicy } from '../../../io/store/index.ts';
import { auditMode } from '../../api/audit.ts';
import { mfaSettings } from '../../api/factors.ts';
import { httpSettingsInvalid } from '../../api/http-shapes.ts';
import { requireOrganisation, sessionLifetime } from '../../api/organisation.ts';
import { readPolicy } from '../../api/policy-shapes.ts';
import { DEFAULT_MFA_SETTINGS, readMfaSettings } from '../../factors/settings.ts';
import { json, type Part, type Reading, type Stored, without } from '../part.ts';
import { withIds, withNames } from '../policy-names.ts';

/** There is one, and whatever a document does not say of it stays as it is. */
const NAME = 'organisation';

const secondFactor = mfaSettings.omit({ sinceUnixMs: true }).partial().strict();
const shape = z
  .strictObject({
    sessionIdleMs: sessionLifetime.describe('after this long without a request a session ends'),
    sessionAbsoluteMs: sessionLifetime,
    policy: z
      .unknown()
      .optional()
      .describe("rules before every resource's own; they only restrict. See docs/policy.md"),
    errorPages: z.array(z.unknown()).describe("pages in place of Manis's own; see docs/http-rules.md"),
    secondFactor: secondFactor.describe('who needs a second factor'),
    audit: auditMode.describe('which decisions are audited'),
  })
  .partial();
type Entry = z.output<typeof shape>;

export const organisation: Part = {
  noun: 'organisation',
  permission: 'organisation.read',
  shape,
  stored: async (reading) => [await storedOrganisation(reading)],
  async wanted(_name, entry, before, { names }) {
    const { policy, errorPages, secondFactor: asked, ...given } = entry as Entry;
    const was = before(NAME)?.fields ?? {};
    const fields = {
      ...was,
      ...json(given),
      ...(policy !== undefined && { policy: canonicalPolicy(policy, names) }),
      ...(errorPages && { errorPages: canonicalPages(errorPages) }),
      ...(asked && { secondFactor: factorFields({ ...(was['secondFactor'] as JsonObject), ...json(asked) }) }),
    };
    return { noun: 'organisation', name: NAME, fields };
  },
  entryOf: ({ fields }) => {
    const { secondFactor: factors, ...rest } = without(fields, {
      policy: { rules: [] },
      errorPages: [],
      audit: 'sampled',
    });
    const asked = without((factors ?? {}) as JsonObject, factorFields(json(DEFAULT_MFA_SETTINGS)));
    return { ...rest, ...(Object.keys(asked).length > 0 && { secondFactor: asked }) };
  },
  create: async () => NAME,
  async update(calls, { fields }, before) {
    const { policy, errorPages, secondFactor: factors, audit, ...own } = without(fields, before.fields);
    await calls.patch('/organisation', own);
    if (policy !== undefined) await calls.put('/organisation/policy', withIds(policy, calls.names) as JsonObject);
    if (errorPages !== undefined) await calls.put('/organisation/error-pages', { pages: errorPages });
    if (factors !== undefined) await calls.patch('/organisation/mfa', factors as JsonObject);
    if (audit !== undefined) await calls.put('/audit/settings', { mode: audit });
    return before.id;
  },
  remove: async () => undefined,
};

async function storedOrganisation({ queries, organisationId, names }: Reading): Promise<Stored> {
  const row = await requireOrganisation(queries, organisationId);
  const policy = JSON.parse((await findOrganisationPolicy(queries, organisationId)) ?? '{"rules":[]}') as Json;
  const audit = (await auditSettingsOf(queries, organisationId)).find((one) => one.resource_id === '');
  const fields = {
    sessionIdleMs: row.session_idle_ms,
    sessionAbsoluteMs: row.session_absolute_ms,
    policy: withNames(policy, names),
    errorPages: JSON.parse(row.error_pages ?? '[]') as Json,
    secondFactor: factorFields(json(await readMfaSettings(queries, organisationId))),
    audit: audit?.mode ?? 'sampled',
  };
  return { noun: 'organisation', id: row.id, name: NAME, source: row.source ?? null, fields };
}

function factorFields({ requiredRoles, sinceUnixMs: _since, ...rest }: JsonObject): JsonObject {
  return { ...rest, requiredRoles: [...(requiredRoles as readonly string[])].sort() };
}

function canonicalPolicy(policy: unknown, names: Reading['names']): Json {
  return withNames(json(readPolicy(withIds(policy as Json, names), 'policy', 'organisation')), names);
}

function canonicalPages(pages: readonly unknown[]): Json {
  const parsed = parseCustomPages(pages);
  if (!parsed.ok) throw httpSettingsInvalid(parsed.problems.map((one) => ({ ...one, path: `errorPages.${one.path}` })));
  return json({ pages: parsed.pages })['pages'] ?? [];
}
