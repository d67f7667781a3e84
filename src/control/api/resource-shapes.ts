/** A resource, as the API says it. */
import { z } from 'zod';
import type { DomainsTable, ResourcesTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { publicUrl } from '../public-url.ts';
import { hostOf, listenItem, proxyItem } from '../stream-resources.ts';
import { resourceDomain, resourceDomainItem } from './domain-shapes.ts';
import { policy } from './policy-shapes.ts';
import { id, name, source, sourceItem, unixMs } from './schemas.ts';
import { kind, listenItemShape, proxyItemShape } from './stream-settings.ts';
import { resourceHealth } from './target-health.ts';

/** How targets are chosen. */
export const balance = {
  balancing: z.enum(['round-robin', 'least-latency']).describe('how a target of a tier is chosen'),
  sticky: z.enum(['none', 'cookie', 'client-address']).describe('by what clients come back to their target'),
  panicThreshold: z
    .number()
    .min(0)
    .max(1)
    .describe('share of a tier that must be usable, else failures are not believed; 0: they always are'),
};

export const resource = z.object({
  id,
  name,
  kind,
  host: z.string().describe('empty where a resource that is no HTTP has none'),
  url: z.string().nullable().describe('where browsers open it; null: it is no HTTP'),
  listen: listenItemShape.nullable(),
  proxyProtocol: proxyItemShape.nullable(),
  enabled: z.boolean(),
  policy,
  ...balance,
  providerId: id.nullable(),
  domain: resourceDomain.nullable().describe('the domain that its host is in'),
  source,
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs.nullable().describe('when it ends by itself; null: never'),
});
export const listedResource = resource.extend({ health: resourceHealth.describe('of its targets, as PoPs find them') });

export function resourceItem(
  control: Pick<Control, 'publicPort'>,
  row: ResourcesTable,
  domains: readonly DomainsTable[],
): z.output<typeof resource> {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    host: hostOf(row),
    url: row.kind === 'http' ? publicUrl(control, hostOf(row)) : null,
    listen: listenItem(row),
    proxyProtocol: proxyItem(row),
    enabled: row.enabled === 1,
    policy: JSON.parse(row.policy) as z.output<typeof policy>,
    balancing: row.balancing,
    sticky: row.sticky,
    panicThreshold: row.panic_threshold,
    providerId: row.provider_id,
    domain: resourceDomainItem(row, domains),
    source: sourceItem(row),
    createdUnixMs: row.created_unix_ms,
    expiresUnixMs: row.expires_unix_ms ?? null,
  };
}
