/** What a site's connectors may publish by themselves, by labels of containers or a file beside them: nothing, unless it is said. */
import { z } from 'zod';
import { bareOf } from '../base/index.ts';
import type { SitesTable } from '../io/store/index.ts';
import { LABEL_GRACE_MAX_MS, LABEL_GRACE_MS } from './blueprints/constants.ts';
import type { Principal } from './principal.ts';
import { requireOwn } from './rights.ts';

export const sitePublishing = z.strictObject({
  hosts: z
    .array(z.string().regex(/^(?:\*\.)?[a-z0-9.-]{1,250}$/, 'app.example.com, or *.example.com'))
    .min(1)
    .max(64)
    .describe('hosts that they may publish: app.example.com, or *.example.com for every name of one label below it'),
  bypass: z.boolean().default(false).describe('whether they may let people in who have not signed in'),
  whenGone: z
    .enum(['empty', 'remove'])
    .default('empty')
    .describe('what becomes of a resource whose container has stopped: it stays without targets, or is removed'),
  graceMs: z
    .number()
    .int()
    .min(0)
    .max(LABEL_GRACE_MAX_MS)
    .default(LABEL_GRACE_MS)
    .describe('how long a resource without its container stays before it is removed'),
});

export type SitePublishing = z.output<typeof sitePublishing>;

export function publishingOf({ publishing }: Pick<SitesTable, 'publishing'>): SitePublishing | null {
  return typeof publishing === 'string' ? (JSON.parse(publishing) as SitePublishing) : null;
}

/** Whoever lets connectors publish gives away what they need for it. Failure `rights-missing`. */
export function publishingColumn(principal: Principal, publishing: SitePublishing | null): string | null {
  if (publishing === null) return null;
  requireOwn(principal, ['resource.write', 'policy.write']);
  return JSON.stringify(publishing);
}

export function mayPublishHost({ hosts }: SitePublishing, host: string): boolean {
  // A wildcard of its own would cover more than the names that were allowed.
  if (host.startsWith('*.')) return false;
  const above = host.replace(/^[^.]+\./, '');
  return hosts.some((allowed) => allowed === host || (allowed.startsWith('*.') && bareOf(allowed) === above));
}
