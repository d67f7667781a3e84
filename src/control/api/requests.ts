import type { z } from 'zod';
import {
  findConnector,
  findDevice,
  findRequest,
  findRequestByRequestId,
  findSite,
  findTarget,
  listRequests,
  type RequestLogTable,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { notFound } from '../problems.ts';
import { type LoggedRequest, loggedRequest as readRow } from '../request-log/request-rows.ts';
import { type Api, type ApiContext, organisationOf, pageItems } from './api.ts';
import { requestReportRoutes } from './request-reports.ts';
import { requestSettingRoutes } from './request-settings.ts';
import { loggedRequest, nameIn, requestDetail, requestItem, requestQuery, storeFilter } from './request-shapes.ts';
import { idParams, pageOf } from './schemas.ts';

export function requestRoutes(api: Api, context: ApiContext): void {
  requestSettingRoutes(api, context);
  requestReportRoutes(api, context);
  readRequestRoutes(api, context);
}

function readRequestRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['requests'];
  const { database } = control.store;

  api.get(
    '/requests',
    {
      config: { access: 'audit.read' },
      schema: {
        tags,
        summary: 'Requests at the applications of the organisation, the newest first',
        querystring: requestQuery,
        response: { 200: pageOf(loggedRequest) },
      },
    },
    async (request) => {
      const { limit, after, ...filter } = request.query;
      const page = await listRequests(database, organisationOf(request), { ...storeFilter(filter), limit, after });
      return pageItems(page, (row) => requestItem(readRow(row), control.publisher.current));
    },
  );

  api.get(
    '/requests/:id',
    {
      config: { access: 'audit.read' },
      schema: {
        tags,
        summary: 'One request: why it was decided so, how long each stage took, which way it went',
        description: 'By its id, or by the id that an error page and `X-Manis-Request-Id` say.',
        params: idParams,
        response: { 200: requestDetail },
      },
    },
    async (request) => {
      const row = await findEither(control, organisationOf(request), request.params.id);
      if (!row) throw notFound('request', request.params.id);
      return detailOf(control, readRow(row));
    },
  );
}

async function findEither(control: Control, organisationId: string, id: string): Promise<RequestLogTable | undefined> {
  const { database } = control.store;
  const found = await findRequest(database, organisationId, id);
  return found ?? (await findRequestByRequestId(database, organisationId, id));
}

async function detailOf(control: Control, request: LoggedRequest): Promise<z.output<typeof requestDetail>> {
  const state = control.publisher.current;
  return {
    ...requestItem(request, state),
    names: await namesOf(control, request),
    rules: request.rules ? [...request.rules] : null,
  };
}

async function namesOf(control: Control, { organisationId, way, targetId }: LoggedRequest) {
  const { database } = control.store;
  const node =
    way &&
    ((await findConnector(database, organisationId, way.connectorId)) ??
      (await findDevice(database, organisationId, way.connectorId)));
  const site = node && (await findSite(database, organisationId, node.site_id));
  const target = targetId === null ? undefined : await findTarget(database, organisationId, targetId);
  return {
    connector: node?.name ?? null,
    site: site?.name ?? null,
    relayPop: way?.relayPopId ? nameIn(control.publisher.current, 'pop', way.relayPopId) : null,
    target: target ? `${target.scheme}://${target.host}:${target.port}` : null,
  };
}
