import {
  formatEndpoint,
  fromBase64,
  fromBase64Url,
  parseEndpoint,
  parseIpAddress,
  toBase64Url,
} from '../base/index.ts';
import {
  type ConnectorEnrolmentRequest,
  type ConnectorEnrolmentResponse,
  type EnrolmentProblem,
  type PopEnrolmentRequest,
  type PopEnrolmentResponse,
  parseJoinToken,
} from '../core/link/index.ts';
import { overlayAddress } from '../core/overlay/index.ts';
import { linkUrl } from '../io/link-client.ts';
import { hashSecret } from '../io/secrets.ts';
import {
  type EnrolmentTokensTable,
  findEnrolmentToken,
  insertConnector,
  insertPop,
  isWireguardKeyTaken,
  listPops,
  organisationOfSite,
  StoreFailure,
  type StoreTransaction,
  useEnrolmentToken,
} from '../io/store/index.ts';
import { publishChange } from './change.ts';
import type { Actor, Control } from './control.ts';
import { newId } from './ids.ts';
import { ControlFailure } from './problems.ts';
import { requireRoom } from './quotas.ts';

/** Takes a PoP in: spends its token, pins its keys, publishes it. */
export async function enrolPop(
  control: Control,
  request: PopEnrolmentRequest,
  clientAddress: string,
): Promise<PopEnrolmentResponse> {
  const wireguardKey = publicKeyOf(request.wireguardKey, fromBase64);
  const signingKey = publicKeyOf(request.signingKey, fromBase64Url);
  if (!control.crypto.verifier(signingKey))
    throw refusal('enrolment-key-invalid', 'the signing key is not an Ed25519 key');
  checkEndpoints([...request.udpEndpoints, ...request.httpsEndpoints]);
  const popId = newId('pop', control.clock, control.random);
  const actor: Actor = { name: `pop:${popId}`, clientAddress };
  const token = await publishChange(control, actor, async (transaction) => {
    const spent = await spend(control, transaction, request.token, 'pop', popId);
    await refuseTakenKey(transaction, request.wireguardKey);
    await insertPop(transaction, {
      id: popId,
      name: spent.name ?? popId,
      location_name: spent.location_name ?? '',
      latitude: spent.latitude ?? 0,
      longitude: spent.longitude ?? 0,
      wireguard_key: request.wireguardKey,
      overlay_address: overlayAddress(wireguardKey, (bytes) => control.crypto.sha256(bytes)).text,
      signing_key: request.signingKey,
      udp_endpoints: JSON.stringify(reachable(request.udpEndpoints, clientAddress)),
      https_endpoints: JSON.stringify(reachable(request.httpsEndpoints, clientAddress)),
      created_unix_ms: Math.round(control.clock.unixMs()),
      draining: 0,
    });
    return { value: spent, note: { action: 'pop.enrol', subject: popId, detail: { token: spent.id } } };
  }).catch(asTakenKey);
  return {
    popId,
    name: token.name ?? popId,
    location: { name: token.location_name ?? '', latitude: token.latitude ?? 0, longitude: token.longitude ?? 0 },
    rootKey: toBase64Url(control.keys.rootKey),
    linkUrls: linkUrlsOf(control),
  };
}

/** Takes a connector in. Its site's grant comes along, so it knows at once which PoPs to go to. */
export async function enrolConnector(
  control: Control,
  request: ConnectorEnrolmentRequest,
  clientAddress: string,
): Promise<ConnectorEnrolmentResponse> {
  const wireguardKey = publicKeyOf(request.wireguardKey, fromBase64);
  const connectorId = newId('con', control.clock, control.random);
  const actor: Actor = { name: `connector:${connectorId}`, clientAddress };
  const siteId = await publishChange(control, actor, async (transaction) => {
    const spent = await spend(control, transaction, request.token, 'connector', connectorId);
    await refuseTakenKey(transaction, request.wireguardKey);
    // A connector learns of later PoPs through the tunnels it has, so its first grant must name one.
    if ((await listPops(transaction, { limit: 1 })).rows.length === 0)
      throw refusal('enrolment-no-pop', 'there is no PoP yet; enrol one first, then use this token');
    const site = spent.site_id ?? '';
    const organisationId = await organisationOfSite(transaction, site);
    if (organisationId === undefined) throw refusal('enrolment-token-unknown', 'the site of this token is gone');
    await requireRoom(control, transaction, organisationId, 'connectors');
    await insertConnector(transaction, {
      id: connectorId,
      organisation_id: organisationId,
      site_id: site,
      name: request.name,
      wireguard_key: request.wireguardKey,
      overlay_address: overlayAddress(wireguardKey, (bytes) => control.crypto.sha256(bytes)).text,
      created_unix_ms: Math.round(control.clock.unixMs()),
      draining: 0,
    });
    const detail = { token: spent.id, siteId: site, name: request.name };
    return { value: site, note: { action: 'connector.enrol', subject: connectorId, organisationId, detail } };
  }).catch(asTakenKey);
  await control.publisher.publish();
  const grant = control.publisher.grantOf(siteId);
  if (!grant) throw new ControlFailure('internal', 'the site has no grant');
  return { connectorId, siteId, rootKey: toBase64Url(control.keys.rootKey), grant };
}

/** This node first, since the PoP can reach it. */
function linkUrlsOf({ url, publisher }: Control): string[] {
  const others = [...(publisher.current?.ofKind('control') ?? [])].flatMap((record) => record.url ?? []);
  return [...new Set([url(), ...others])].map(linkUrl);
}

/** Marks the token as used, in the transaction that takes the node in: one of two that race fails. */
async function spend(
  control: Control,
  transaction: StoreTransaction,
  secret: string,
  kind: EnrolmentTokensTable['kind'],
  nodeId: string,
): Promise<EnrolmentTokensTable> {
  const token = await findEnrolmentToken(transaction, hashSecret(parseJoinToken(secret)?.secret ?? ''));
  if (token?.kind !== kind) throw refusal('enrolment-token-unknown', `this is not an enrolment token for a ${kind}`);
  const unixMs = Math.round(control.clock.unixMs());
  if (token.used_unix_ms !== null)
    throw refusal('enrolment-token-used', 'the enrolment token has been used; make a new one');
  if (token.expires_unix_ms <= unixMs)
    throw refusal('enrolment-token-expired', 'the enrolment token has expired; make a new one');
  if (!(await useEnrolmentToken(transaction, token.id, nodeId, unixMs)))
    throw refusal('enrolment-token-used', 'the enrolment token has been used; make a new one');
  return token;
}

async function refuseTakenKey(transaction: StoreTransaction, key: string): Promise<void> {
  if (await isWireguardKeyTaken(transaction, key))
    throw refusal('enrolment-key-taken', 'the WireGuard key belongs to another node; every node makes its own');
}

/** The PoP's other unique columns are its signing key and its name. */
function asTakenKey(error: unknown): never {
  if (!(error instanceof StoreFailure) || error.code !== 'store-conflict') throw error;
  if (error.constraint === 'pops.name') throw new ControlFailure('name-taken', 'another PoP has this name');
  throw refusal('enrolment-key-taken', 'a key belongs to another node; every node makes its own');
}

function publicKeyOf(text: string, decode: (text: string) => Uint8Array | undefined): Uint8Array {
  const key = decode(text);
  if (key?.length !== 32 || key.every((byte) => byte === 0))
    throw refusal('enrolment-key-invalid', 'a key is not 32 bytes in the form that is asked for');
  return key;
}

/** `host:port` or `[v6]:port`; the host may be a name. */
function checkEndpoints(endpoints: readonly string[]): void {
  for (const endpoint of endpoints) {
    const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]{1,253})):(\d{1,5})$/i.exec(endpoint);
    const bracketed = match?.[1] === undefined || parseIpAddress(match[1])?.version === 6;
    if (!match || !bracketed || Number(match[3]) > 65535 || Number(match[3]) === 0)
      throw new ControlFailure('request-invalid', `${JSON.stringify(endpoint)} is not host:port or [address]:port`);
  }
}

/** A PoP that listens on every address and names no other is reached where its enrolment came from. */
function reachable(endpoints: readonly string[], clientAddress: string): readonly string[] {
  const seen = parseIpAddress(clientAddress);
  if (!seen) return endpoints;
  return endpoints.map((text) => {
    const endpoint = parseEndpoint(text);
    const isAny = endpoint?.address.bytes.every((byte) => byte === 0);
    return endpoint && isAny ? formatEndpoint({ address: seen, port: endpoint.port }) : text;
  });
}

function refusal(code: EnrolmentProblem, message: string): ControlFailure {
  return new ControlFailure(code, message);
}
