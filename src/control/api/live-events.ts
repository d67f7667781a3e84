/** Every event of the live stream, as the OpenAPI document and the typed client know them. */
import { z } from 'zod';
import { LIVE_TOPICS, liveChange, networkEvent, trafficSecond } from '../live/live-shapes.ts';
import { loggedRequest } from './request-shapes.ts';
import { status } from './status.ts';

function event<Name extends string, Data extends z.ZodType>(name: Name, data: Data) {
  return z.object({ event: z.literal(name), data });
}

export const liveEvent = z
  .discriminatedUnion('event', [
    event('hello', z.object({ topics: z.array(z.enum(LIVE_TOPICS)).describe('those that there are for the caller') })),
    event('history', z.object({ traffic: z.array(trafficSecond).describe('of two minutes, the newest last') })),
    event('events', z.object({ events: z.array(networkEvent).describe('lately, the newest last') })),
    event('network', status),
    event('event', networkEvent),
    event('traffic', trafficSecond),
    event('request', loggedRequest),
    event('lost', z.object({ requests: z.number().int().describe('of a second, that are not told of') })),
    event('change', liveChange),
    event('over', z.object({}).describe('the session has ended, or may see less')),
  ])
  .meta({ id: 'LiveEvent', description: 'An event of `/live`: its name, and its data read as JSON.' });

/** The body of the stream, of which a schema of JSON can say no more than that. */
export const eventStream = z
  .string()
  .meta({ description: 'server-sent events', 'x-event': { $ref: '#/components/schemas/LiveEvent' } });

type LiveEvent = z.output<typeof liveEvent>;
export type LiveEventName = LiveEvent['event'];
/** What an event of this name says. */
export type LiveEventData<Name extends LiveEventName> = Extract<LiveEvent, { readonly event: Name }>['data'];
