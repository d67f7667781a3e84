/** How a node's HTTPS and WebSocket connections get out, from its settings. */
import type { OutboundSettings } from '../../io/outbound/outbound-agents.ts';
import { requireText } from './enrolment.ts';

export interface OutboundFlags {
  readonly caFile?: string | undefined;
  readonly proxy?: string | undefined;
  readonly noProxy: readonly string[];
}

export async function outboundOf({ caFile, proxy, noProxy }: OutboundFlags): Promise<OutboundSettings> {
  const ca = caFile && (await requireText('ca-file', caFile));
  return { ...(ca && { ca }), ...(proxy !== undefined && { proxy: { url: new URL(proxy), except: noProxy } }) };
}
