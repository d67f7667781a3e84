/** The targets of a resource: they have no names, so they are known by site and URL. */
import { z } from 'zod';
import { canonicalText, type Json, type JsonObject, sameJson } from '../../../core/blueprint/index.ts';
import { formatTargetUrl, parseTargetUrl, TARGET_URL_FORMS } from '../../../core/routing/index.ts';
import type { TargetsTable } from '../../../io/store/index.ts';
import { targetCheck } from '../../api/target-check.ts';
import { targetBody, targetItem } from '../../api/target-shapes.ts';
import type { Calls } from '../calls.ts';
import { named } from '../names.ts';

import { json, without, wrong } from '../part.ts';
import { type SecretReference, secretReference } from '../secret-reference.ts';
import { referenceFor } from '../secrets.ts';

const clientCertificate = z.strictObject({
  chainPem: z.string().max(65_536).describe('leaf first'),
  key: secretReference.optional(),
});
const tls = z.strictObject({
  ...targetBody.shape.tls.unwrap().shape,
  clientCertificate: clientCertificate.nullable().default(null).describe('what PoPs show to the target'),
});
export const targetShape = targetBody
  .omit({ siteId: true, tls: true })
  .extend({ site: z.string(), tls: tls.prefault({}) });
type Entry = z.output<typeof targetShape>;

/** With the label by which routes and changes know it. */
export interface LabelledTarget {
  readonly label: string;
  readonly fields: JsonObject;
  /** Of a stored one. */
  readonly id?: string;
  /** Of a wanted one: where the key of its client certificate is. */
  readonly key?: SecretReference | undefined;
}

const DEFAULTS = json(targetBody.omit({ siteId: true, url: true }).parse({}, { reportInput: false }));

export function storedTargets(rows: readonly TargetsTable[], siteOf: (id: string) => string): LabelledTarget[] {
  return labelled(
    rows.map((row) => {
      const { url, hostHeader, tls: security, priority, weight, check } = targetItem(row);
      const shown = security.clientCertificate && { chainPem: security.clientCertificate.chainPem };
      const fields = json({
        ...{ site: siteOf(row.site_id), url, hostHeader, tls: { ...security, clientCertificate: shown } },
        ...{ priority, weight, check: check && targetCheck.parse(check) },
      });
      return { fields, id: row.id };
    }),
  );
}

export function wantedTargets(entries: readonly Entry[]): LabelledTarget[] {
  return labelled(
    entries.map((entry, at) => {
      const url = parseTargetUrl(entry.url);
      if (!url) throw wrong(['targets', at, 'url'], TARGET_URL_FORMS, entry.url);
      const { clientCertificate: shown, ...security } = entry.tls;
      const certificate = shown && { chainPem: shown.chainPem };
      const fields = json({
        ...entry,
        url: formatTargetUrl(url),
        tls: { ...security, clientCertificate: certificate },
      });
      return { fields, key: shown?.key };
    }),
  );
}

/** Two of one URL at one site are told apart by a number. In one order, however they were made. */
function labelled(targets: readonly Omit<LabelledTarget, 'label'>[]): LabelledTarget[] {
  const rank = ({ fields }: Omit<LabelledTarget, 'label'>): string =>
    `${String(fields['priority']).padStart(4, '0')} ${labelOf(fields)} ${canonicalText(fields)}`;
  const sorted = targets.map((target) => ({ ...target, name: labelOf(target.fields) }));
  sorted.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  return named(sorted).map(([label, { name: _name, ...target }]) => ({ label, ...target }));
}

function labelOf({ site, url }: JsonObject): string {
  return `${String(site)} ${String(url)}`;
}

/** What people write in a route: a label, or the URL alone where no other target has it. */
export function labelNamed(word: string, targets: readonly LabelledTarget[]): string | undefined {
  if (targets.some(({ label }) => label === word)) return word;
  const url = parseTargetUrl(word);
  const text = url && formatTargetUrl(url);
  const found = targets.filter(({ fields }) => fields['url'] === text);
  return found.length === 1 ? found[0]?.label : undefined;
}

export function targetEntry({ label, fields }: LabelledTarget, resource: string): Json {
  const { site, url, tls: security, check, ...rest } = fields;
  const { clientCertificate: shown, ...own } = (security ?? {}) as JsonObject;
  const key = json(referenceFor('client_key', `${resource} ${label}`));
  const tlsEntry = {
    ...without(own, DEFAULTS['tls'] as JsonObject),
    ...(shown && { clientCertificate: { ...(shown as JsonObject), key } }),
  };
  return {
    ...{ site, url },
    ...without(rest, DEFAULTS),
    ...(Object.keys(tlsEntry).length > 0 && { tls: tlsEntry }),
    ...(check && { check: checkEntry(check as JsonObject) }),
  };
}

function checkEntry(check: JsonObject): JsonObject {
  const { kind, ...rest } = check;
  return { kind, ...without(rest, json(targetCheck.parse({ kind }))) };
}

/** The body of a new target. */
export function targetBodyOf(calls: Calls, { label, fields, key }: LabelledTarget): JsonObject {
  const { site, tls: security, ...rest } = fields;
  const siteId = calls.names.idOf('sites', String(site), 'targets.site');
  return { siteId, ...rest, tls: securityWithKey(calls, security as JsonObject, label, key) };
}

function securityWithKey(
  calls: Calls,
  security: JsonObject,
  label: string,
  key: SecretReference | undefined,
): JsonObject {
  const { clientCertificate: shown, ...own } = security;
  if (shown === undefined) return own;
  if (shown === null) return security;
  const keyPem = calls.secret(key, `targets[${label}].tls.clientCertificate.key`);
  return { ...own, clientCertificate: { ...(shown as JsonObject), keyPem } };
}

/**
 * Brings the targets of a resource to what is wanted. One whose URL alone is another goes on as it is; those that are gone
 * are removed by what this gives, when no route leads to them any more.
 */
export async function changeTargets(
  calls: Calls,
  resourceId: string,
  before: readonly LabelledTarget[],
  after: readonly LabelledTarget[],
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly removeRest: () => Promise<void> }> {
  const left = new Map(before.map((target) => [target.label, target]));
  const ids = new Map<string, string>();
  const pairs = after.map((target) => [target, take(left, (one) => one.label === target.label)] as const);
  for (const [target, same] of pairs) {
    const had = same ?? take(left, (one) => one.fields['site'] === target.fields['site'] && !isWanted(one, after));
    if (had?.id === undefined) {
      const made = await calls.post(`/resources/${resourceId}/targets`, targetBodyOf(calls, target));
      ids.set(target.label, made.id);
      continue;
    }
    ids.set(target.label, had.id);
    await calls.patch(`/targets/${had.id}`, changesOf(calls, had, target));
  }
  const removeRest = async (): Promise<void> => {
    for (const { id } of left.values()) await calls.remove(`/targets/${id}`);
  };
  return { ids, removeRest };
}

function isWanted({ label }: LabelledTarget, after: readonly LabelledTarget[]): boolean {
  return after.some((target) => target.label === label);
}

function take(left: Map<string, LabelledTarget>, fits: (one: LabelledTarget) => boolean): LabelledTarget | undefined {
  const found = [...left.values()].find(fits);
  if (found) left.delete(found.label);
  return found;
}

function changesOf(calls: Calls, before: LabelledTarget, after: LabelledTarget): JsonObject {
  const { tls: security, site: _site, ...rest } = after.fields;
  const was = before.fields;
  const changed = without(rest, was);
  if (sameJson(security, was['tls'])) return changed;
  const differing = without(security as JsonObject, was['tls'] as JsonObject);
  return { ...changed, tls: securityWithKey(calls, differing, after.label, after.key) };
}
