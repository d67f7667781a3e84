/** What enrolment would have put on a connector's disk: its keys, and a grant signed by a root key of our own. */
import { join } from 'node:path';
import { toBase64Url } from '../../src/base/index.ts';
import { delegate, type GrantedTarget, type SiteGrant, signDocument } from '../../src/core/link/index.ts';
import { overlayAddress } from '../../src/core/overlay/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createWireguardCrypto } from '../../src/io/crypto/create-wireguard-crypto.ts';
import { ensureFolder, OWNER_ONLY, writeJson } from '../../src/io/files.ts';
import { loadIdentity } from '../../src/io/identity.ts';
import { sha256 } from '../../src/io/overlay/open-overlay.ts';

export interface PublicNode {
  /** Base64. */
  readonly wireguardKey: string;
  readonly overlayAddress: string;
}

export interface EnrolledOptions {
  readonly dataDir: string;
  readonly pop: PublicNode;
  /** `address:port`. */
  readonly popEndpoint: string;
  readonly targets: readonly GrantedTarget[];
}

const SITE_ID = 'site';
const DAY_MS = 86_400_000;

/** Public key and overlay address of a private key. */
export async function publicNode(privateKey: Uint8Array): Promise<PublicNode> {
  const publicKey = (await createWireguardCrypto()).x25519PublicKey(privateKey);
  return {
    wireguardKey: Buffer.from(publicKey).toString('base64'),
    overlayAddress: overlayAddress(publicKey, sha256).text,
  };
}

/** Fills a data folder so that a connector starts from it. Gives what its PoP must know. */
export async function enrolled(options: EnrolledOptions): Promise<PublicNode> {
  const { dataDir, pop, popEndpoint, targets } = options;
  await ensureFolder(dataDir, 0o700);
  const rootDir = join(dataDir, 'root');
  await ensureFolder(rootDir, 0o700);
  const [identity, root] = [await loadIdentity(dataDir), await loadIdentity(rootDir)];
  const location = { name: 'here', latitude: 0, longitude: 0 };
  const granted = { id: 'pop', name: 'pop', location, ...pop, udpEndpoints: [popEndpoint], httpsEndpoints: [] };
  const grant: SiteGrant = { siteId: SITE_ID, version: { epoch: 1, revision: 1 }, pops: [granted], targets };
  const notAfterUnixMs = createClock().unixMs() + DAY_MS;
  const delegation = delegate(root.signer, 'control', root.signer.publicKey, notAfterUnixMs);
  const signed = signDocument('manis site grant v1', JSON.stringify(grant), root.signer, delegation);
  const connector = { connectorId: 'connector', siteId: SITE_ID, rootKey: toBase64Url(root.signer.publicKey) };
  await writeJson(join(dataDir, 'connector.json'), connector, OWNER_ONLY);
  await writeJson(join(dataDir, 'grant.json'), signed, OWNER_ONLY);
  return await publicNode(identity.wireguardPrivateKey);
}
