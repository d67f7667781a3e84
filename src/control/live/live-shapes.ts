/** What the live stream tells of, beside what the API tells of otherwise, too. */
import { z } from 'zod';
import { id, unixMs } from '../api/schemas.ts';

/** What a looker may ask for. */
export const LIVE_TOPICS = ['network', 'traffic', 'requests', 'changes'] as const;
export type LiveTopic = (typeof LIVE_TOPICS)[number];

export const networkEvent = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.enum(['pop-lost', 'pop-back']), unixMs, popId: id }),
    z.object({ kind: z.enum(['connector-lost', 'connector-back']), unixMs, connectorId: id }),
    z.object({
      ...{ kind: z.literal('home-moved'), unixMs, connectorId: id, fromPopId: id, toPopId: id },
      tookMs: z.number().describe('how long it had no tunnel that is up; 0 where it had another one already'),
    }),
  ])
  .meta({ id: 'NetworkEvent', description: 'What happened in the network, as control saw it.' });
export type NetworkEvent = Readonly<z.output<typeof networkEvent>>;

const whole = z.number().int();
const trafficCounts = z.object({ requests: whole, errors: whole });
/** Of a resource or of a PoP, in one second. */
export type TrafficCounts = z.output<typeof trafficCounts>;

export const trafficSecond = z
  .object({
    ...{ unixMs, requests: whole, errors: whole, bytesOut: whole },
    denied: z.record(z.string(), whole).describe('by reason: what was refused or asked to sign in'),
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    byResource: z.record(z.string(), trafficCounts),
    byPop: z.record(z.string(), trafficCounts),
  })
  .meta({ id: 'TrafficSecond', description: 'What a second was like.' });
/** A second of one organisation. */
export type TrafficSecond = Readonly<z.output<typeof trafficSecond>>;

export const liveChange = z
  .object({ noun: z.string(), verb: z.string(), id: z.string().nullable() })
  .meta({ id: 'LiveChange', description: 'Something was changed by somebody: `site`, `add`, of an id.' });
export type LiveChange = Readonly<z.output<typeof liveChange>>;
