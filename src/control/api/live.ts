import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listRequestsAfter } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import {
  LIVE_REQUESTS_RESUMED,
  LIVE_STREAMS_MAX,
  LIVE_STREAMS_OF_CALLER_MAX,
  LIVE_STREAMS_OF_ORGANISATION_MAX,
} from '../live/constants.ts';
import { EventStreamWriter } from '../live/event-stream.ts';
import { LIVE_TOPICS, type LiveChange, type LiveTopic } from '../live/live-shapes.ts';
import { LiveStream } from '../live/live-stream.ts';
import { isOrganisationPermission, type Permission } from '../permissions.ts';
import { authenticate, type Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { type LoggedRequest, loggedRequest as readRow } from '../request-log/request-rows.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { eventStream } from './live-events.ts';
import { requestFilter, requestItem } from './request-shapes.ts';
import { readStatus } from './status.ts';

const NEEDS: Readonly<Record<LiveTopic, Permission>> = {
  network: 'status.read',
  traffic: 'status.read',
  requests: 'audit.read',
  changes: 'status.read',
};

const query = requestFilter
  .pick({ resourceId: true, popId: true, host: true, method: true, outcome: true, reason: true, country: true })
  .extend({
    topics: z
      .string()
      .regex(/^[a-z]+(,[a-z]+)*$/)
      .optional()
      .describe('any of network, traffic, requests, changes, with commas; left out: network, traffic, changes'),
  });

const description = `Server-sent events, for as long as whoever asks may look; what each says is the schema \`LiveEvent\`. It begins
with \`hello\`, \`history\`, \`events\` and \`network\`. \`network\`: the answer of \`/status\`, whenever that is another. \`event\`: a PoP or
connector came or went, or a connector's home moved. \`traffic\`: what a second was like. \`request\`: one of the log, while the topic is
asked for; \`Last-Event-ID\` brings those that were missed. \`lost\`: how many requests of a second are not told of. \`change\`: something
was changed. \`over\`: the session has ended.`;

export function liveRoutes(api: Api, context: ApiContext): void {
  const { control } = context;
  api.get(
    '/live',
    {
      config: { access: 'status.read', refusals: ['too-many-streams'] },
      schema: {
        tags: ['status'],
        summary: 'What happens now, as a stream of events',
        description,
        querystring: query,
        response: { 200: { description: 'Events', content: { 'text/event-stream': { schema: eventStream } } } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const organisationId = organisationOf(request);
      const topics = topicsOf(request.query.topics, principal);
      const callerId = principal.user?.id ?? principal.name;
      refuseTooMany(control, organisationId, callerId);
      const resumed = topics.has('requests') ? await missed(control, organisationId, request) : [];
      reply.hijack();
      const { clock, live } = control;
      const writer = new EventStreamWriter(reply.raw, { clock, organisationId, backlog: live.backlog });
      const { topics: _, ...filter } = request.query;
      const stream = new LiveStream(
        {
          ...{ hub: control.live, clock: control.clock, writer, organisationId, callerId, topics },
          status: () => readStatus(control, organisationId, principal.isInstallationAdmin),
          requestItem: (logged) => (fits(logged, filter) ? requestItem(logged, control.publisher.current) : undefined),
          maySee: (change) => maySee(principal, change),
          judge: () => judge(context, request, principal, topics),
        },
        resumed,
      );
      reply.raw.on('close', () => stream.close());
    },
  );
}

function topicsOf(text: string | undefined, { permissions }: Principal): ReadonlySet<LiveTopic> {
  const asked = text?.split(',') ?? ['network', 'traffic', 'changes'];
  const unknown = asked.find((topic) => !LIVE_TOPICS.some((known) => known === topic));
  if (unknown !== undefined) {
    const problems = [{ path: 'topics', expected: LIVE_TOPICS.join(', '), found: unknown }];
    throw new ControlFailure('request-invalid', 'topics: there is no such topic', { problems });
  }
  return new Set(LIVE_TOPICS.filter((topic) => asked.includes(topic) && permissions.has(NEEDS[topic])));
}

function refuseTooMany({ live }: Control, organisationId: string, callerId: string): void {
  const isRoom = live.size < LIVE_STREAMS_MAX && live.countOf(organisationId) < LIVE_STREAMS_OF_ORGANISATION_MAX;
  if (isRoom && live.countBy(callerId) < LIVE_STREAMS_OF_CALLER_MAX) return;
  throw new ControlFailure('too-many-streams', 'too many look at what happens now; pages ask now and then instead');
}

/** Requests of the log that came after the last one that the looker has. */
async function missed(control: Control, organisationId: string, request: FastifyRequest): Promise<LoggedRequest[]> {
  const last = request.headers['last-event-id'];
  if (typeof last !== 'string' || !/^req_[0-9a-z]{1,64}$/.test(last)) return [];
  const rows = await listRequestsAfter(control.store.database, organisationId, last, LIVE_REQUESTS_RESUMED);
  return rows.map(readRow);
}

type Filter = Omit<z.output<typeof query>, 'topics'>;

function fits(request: LoggedRequest, filter: Filter): boolean {
  return Object.entries(filter).every(
    ([field, wanted]) => wanted === undefined || request[field as keyof Filter] === wanted,
  );
}

/** What somebody may not read they are not told of. */
function maySee({ permissions }: Principal, { noun }: LiveChange): boolean {
  const needed = `${noun}.read`;
  return isOrganisationPermission(needed) ? permissions.has(needed) : true;
}

/** Whether whoever looks is still who they were, and may still see all of it. */
async function judge(
  { control, sessions }: ApiContext,
  request: FastifyRequest,
  before: Principal,
  topics: ReadonlySet<LiveTopic>,
): Promise<void> {
  const now = await authenticate(control, sessions, request);
  const isSame = now.organisationId === before.organisationId && now.isInstallationAdmin === before.isInstallationAdmin;
  // What it is told of changes goes by every right that there was when it began.
  const isLess = [...before.permissions].some((permission) => !now.permissions.has(permission));
  if (!isSame || isLess || [...topics].some((topic) => !now.permissions.has(NEEDS[topic])))
    throw new ControlFailure('rights-missing', 'what may be seen has changed');
}
