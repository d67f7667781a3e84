/** What is captured of requests, and sending one once more. */
import { z } from 'zod';
import { toBase64, utf8 } from '../../base/index.ts';
import { BODY_FAULTS, type CapturedRequest, type Replay, replayOf } from '../../core/capture/index.ts';
import {
  captureSizes,
  deleteCaptures,
  findCapture,
  findRequest,
  findRequestByRequestId,
  findResource,
  type RequestCapturesTable,
  type ResourcesTable,
  updateResource,
} from '../../io/store/index.ts';
import { openCaptured } from '../captures/captured-row.ts';
import { REPLAY_SESSION_MS } from '../captures/constants.ts';
import { audit, change, publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { popOfRequest } from '../principal.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import {
  capturedItem,
  capturedRequest,
  captureSettings,
  captureState,
  readCapture,
  replayEdit,
  replayed,
} from './capture-shapes.ts';
import { idParams, nothing } from './schemas.ts';

const tags = ['requests'];

export function captureRoutes(api: Api, context: ApiContext): void {
  readSettingsRoute(api, context);
  putSettingsRoute(api, context);
  deleteRoute(api, context);
  readRoute(api, context);
  replayRoute(api, context);
}

function readSettingsRoute(api: Api, { control }: ApiContext): void {
  api.get(
    '/resources/:id/capture',
    {
      config: { access: 'capture.read' },
      schema: {
        tags,
        summary: 'What is captured of the requests to a resource, and how much of that is kept now',
        params: idParams,
        response: { 200: captureState },
      },
    },
    async (request) => {
      const row = await findResource(control.store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('resource', request.params.id);
      return stateOf(control, row);
    },
  );
}

function putSettingsRoute(api: Api, { control }: ApiContext): void {
  api.put(
    '/resources/:id/capture',
    {
      config: { access: 'capture.write' },
      schema: {
        tags,
        summary: 'Capture requests to a resource, or no longer',
        description: 'What was captured before is kept until it ends, or is deleted. See docs/how-to/webhooks.md.',
        params: idParams,
        body: z.strictObject({ capture: captureSettings }),
        response: { 200: captureState },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const { id } = request.params;
      const { capture } = request.body;
      const text = capture && JSON.stringify(capture);
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const found = await findResource(transaction, organisationId, id);
        if (!found) throw notFound('resource', id);
        if (capture && found.kind !== 'http')
          throw new ControlFailure('request-invalid', 'capture: requests are captured where a resource has some');
        await updateResource(transaction, organisationId, id, { capture: text });
        return {
          value: { ...found, capture: text },
          note: { action: 'resource.capture.change', subject: id, detail: { capture } },
        };
      });
      return stateOf(control, row);
    },
  );
}

function deleteRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/resources/:id/captures',
    {
      config: { access: 'capture.write' },
      schema: {
        tags,
        summary: 'Delete all captured requests of a resource',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const organisationId = organisationOf(request);
      const { id } = request.params;
      await change(control, principalOf(request), async (transaction) => {
        if (!(await findResource(transaction, organisationId, id))) throw notFound('resource', id);
        const entries = await deleteCaptures(transaction, organisationId, id);
        return { value: null, note: { action: 'resource.captures.delete', subject: id, detail: { entries } } };
      });
      return reply.code(204).send(null);
    },
  );
}

async function stateOf(control: Control, { id, capture }: Pick<ResourcesTable, 'id' | 'capture'>) {
  const settings = readCapture(capture);
  return {
    capture: settings && { ...settings, hiddenNames: [...settings.hiddenNames] },
    kept: await captureSizes(control.store.database, id, control.clock.unixMs()),
    lost: control.links.captures.lost.of(id),
  };
}

function readRoute(api: Api, { control }: ApiContext): void {
  api.get(
    '/requests/:id/capture',
    {
      config: { access: 'capture.read' },
      schema: {
        tags,
        summary: 'What was captured of a request: its fields and body, and those of the answer',
        description: 'By its id, or by the id that an error page and `X-Manis-Request-Id` say. Secrets are hidden.',
        params: idParams,
        response: { 200: capturedRequest },
      },
    },
    async (request) => {
      const { row, captured } = await requireCaptured(control, organisationOf(request), request.params.id);
      return capturedItem(captured, row);
    },
  );
}

function replayRoute(api: Api, { control, sessions }: ApiContext): void {
  api.post(
    '/requests/:id/replay',
    {
      config: { access: 'capture.write', refusals: ['replay-incomplete', 'replay-no-pop', 'replay-refused'] },
      schema: {
        tags,
        summary: 'Send a captured request once more, as it was or changed',
        description:
          'A point of presence sends it as a request of whoever asks, from where they are, and it is judged as one. What was hidden is left out.',
        params: idParams,
        body: replayEdit,
        response: { 200: replayed },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const organisationId = organisationOf(request);
      const { row, captured } = await requireCaptured(control, organisationId, request.params.id);
      const replay = requireReplay(captured, request.body);
      const session = sessions.momentary(principal, REPLAY_SESSION_MS);
      const links = control.links.taking('replay', [popOfRequest(control, request), row.pop_id]);
      const note = {
        ...{ action: 'request.replay', subject: row.id },
        detail: {
          resourceId: row.resource_id,
          method: replay.method,
          changed: Object.keys(request.body),
          leftOut: replay.leftOut,
        },
      };
      const answer = await control.links.replays
        .send(links, {
          ...{ replayOf: row.id, resourceId: row.resource_id, host: captured.host, address: principal.clientAddress },
          ...{ method: replay.method, target: replay.target, fields: replay.fields },
          ...(replay.body && { body: toBase64(replay.body) }),
          ...(session !== undefined && { session }),
        })
        .catch(async (error: unknown) => {
          await audit(control, control.store.database, principal, { ...note, outcome: 'failed' });
          throw error;
        });
      const { requestId, status, popId } = answer;
      const detail = { ...note.detail, requestId, status };
      await audit(control, control.store.database, principal, { ...note, detail });
      if (requestId === null)
        throw new ControlFailure(
          'replay-refused',
          'this cannot be sent as a request; look at its path and header fields',
        );
      return { requestId, status, popId, leftOut: [...replay.leftOut] };
    },
  );
}

function requireReplay(
  captured: CapturedRequest,
  { method, target, fields, body }: z.output<typeof replayEdit>,
): Replay {
  const replay = replayOf(captured, {
    ...{ method, target, fields: fields?.flatMap(({ name, value }) => [name, value]) },
    body: typeof body === 'string' ? utf8(body) : body,
  });
  if (typeof replay !== 'string') return replay;
  throw new ControlFailure('replay-incomplete', `${BODY_FAULTS[replay]}: give a body, or null for none`, {
    reason: replay,
  });
}

/** By either of its ids. Failure `not-found`: it was not captured, or is not kept any more. */
async function requireCaptured(
  control: Control,
  organisationId: string,
  id: string,
): Promise<{ readonly row: RequestCapturesTable; readonly captured: CapturedRequest }> {
  const { store, clock, keys } = control;
  const { database } = store;
  const logged =
    (await findRequest(database, organisationId, id)) ?? (await findRequestByRequestId(database, organisationId, id));
  const row = await findCapture(database, organisationId, logged?.id ?? id, clock.unixMs());
  const captured = row && openCaptured(keys.sealing, row);
  if (!captured) throw notFound('captured request', id);
  return { row, captured };
}
