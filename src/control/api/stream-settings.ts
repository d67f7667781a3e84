/** What the API says of resources that are no HTTP. */
import { z } from 'zod';
import {
  freeOverlayPort,
  listTargets,
  type ResourcesTable,
  type StoreTransaction,
  updateTarget,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { normaliseHost } from '../host-names.ts';
import { ControlFailure } from '../problems.ts';
import { requirePorts } from '../quotas.ts';
import {
  isSignInKind,
  noHost,
  portCountOf,
  type ResourceKind,
  readListen,
  readProxyProtocol,
  requireFitting,
  requireFreePorts,
} from '../stream-resources.ts';

export const kind = z
  .enum(['http', 'tcp', 'udp', 'tls', 'access'])
  .describe(
    'what it carries; tls is passed through by the name that clients ask for, access is TCP for manis access tcp',
  );

const port = z.number().int().min(1).max(65_535);
export const listenBody = z.strictObject({
  first: port.nullish().describe('port on every PoP; of tls left out: the one that browsers use'),
  last: port
    .nullish()
    .describe('of a range; each of its ports leads to the same one of the target, counted from its first'),
  idleMs: z.number().int().nullish().describe('of udp: silence after which a session is over'),
});
export const listenItemShape = z.object({
  first: port.nullable(),
  last: port.nullable(),
  idleMs: z.number().int().nullable(),
});

const version = z.union([z.literal(1), z.literal(2)]);
export const proxyBody = z.strictObject({
  from: z.array(z.string().max(64)).optional().describe('addresses and blocks of proxies whose headers are believed'),
  to: version.nullish().describe('version of the header that targets get; null: none'),
});
export const proxyItemShape = z.object({ from: z.array(z.string()), to: version.nullable() });

interface Given {
  readonly kind: ResourceKind;
  readonly host?: string | undefined;
  readonly listen?: z.output<typeof listenBody> | undefined;
  readonly proxyProtocol: z.output<typeof proxyBody> | null;
}

/** The host column of a new resource. Failure `host-invalid`. */
export function hostFor({ kind: of, host }: Given, resourceId: string, portalHost: string): string {
  if (host !== undefined) return normaliseHost(host, portalHost);
  if (of === 'tcp' || of === 'udp') return noHost(resourceId);
  const problems = [{ path: 'host', expected: 'a host name', found: 'nothing' }];
  throw new ControlFailure('host-invalid', `host: expected a host name, since the kind is ${of}`, { problems });
}

/** Columns of a new resource. Failure `listen-invalid`. */
export function newStreamColumns({ kind: of, listen, proxyProtocol }: Given) {
  if (isSignInKind(of)) {
    if (listen ?? proxyProtocol) throw onlyOthers(of);
    return { kind: of, listen: null, proxy_protocol: null };
  }
  return {
    kind: of,
    listen: JSON.stringify(readListen(of, given(listen ?? {}))),
    proxy_protocol: proxyColumn(proxyProtocol),
  };
}

/** Columns that a change comes to. What is not said of the ports stays. Failure `listen-invalid`. */
export function changedStreamColumns(
  before: ResourcesTable,
  body: {
    readonly listen?: z.output<typeof listenBody> | undefined;
    readonly proxyProtocol?: Given['proxyProtocol'] | undefined;
  },
): Partial<Pick<ResourcesTable, 'listen' | 'proxy_protocol'>> {
  const { listen, proxyProtocol } = body;
  if (isSignInKind(before.kind)) {
    if (listen ?? proxyProtocol) throw onlyOthers(before.kind);
    return {};
  }
  return {
    ...(listen !== undefined && { listen: JSON.stringify(readListen(before.kind, given(listen))) }),
    ...(proxyProtocol !== undefined && { proxy_protocol: proxyColumn(proxyProtocol) }),
  };
}

/** Refuses ports of others, and more than an organisation may have. Failures `port-taken`, `quota-reached`. */
export async function requirePlace(
  control: Pick<Control, 'organisationId'>,
  transaction: StoreTransaction,
  row: ResourcesTable,
): Promise<void> {
  const count = await requireFreePorts(transaction, row);
  if (count > 0) await requirePorts(control, transaction, row.organisation_id, count);
}

/** After the ports of a resource changed: others must not have them, and targets have as many. */
export async function moveTargets(
  control: Pick<Control, 'organisationId'>,
  transaction: StoreTransaction,
  before: ResourcesTable,
  after: ResourcesTable,
): Promise<void> {
  await requirePlace(control, transaction, after);
  const count = portCountOf(after);
  const { organisation_id: organisationId, id } = after;
  const { rows } = await listTargets(transaction, organisationId, { limit: 1_000 }, id);
  for (const target of rows) {
    requireFitting(after.kind, target, count);
    if (count === portCountOf(before)) continue;
    const place = await freeOverlayPort(transaction, target.site_id, count);
    await updateTarget(transaction, organisationId, target.id, { overlay_port: place, port_count: count });
  }
}

function proxyColumn(settings: Given['proxyProtocol']): string | null {
  const read = settings && readProxyProtocol(given({ ...settings, to: settings.to ?? null }));
  return read ? JSON.stringify(read) : null;
}

/** Without what is undefined. */
function given<Fields extends object>(fields: Fields): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

function onlyOthers(kind: ResourceKind): ControlFailure {
  return new ControlFailure('listen-invalid', `listen, proxyProtocol: expected nothing, since the kind is ${kind}`);
}
