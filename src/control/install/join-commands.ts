/**
 * The commands that make a machine a node: each is one paste on a machine that has Node, Docker or systemd and nothing of
 * Manis. What they install comes from this very installation, in its own version: the name on npm's registry is somebody
 * else's. The token works once, so it may stay in a history.
 */
import { allWishes } from '../certificates/ensure.ts';
import { CoveredHosts } from '../certificates/wishes.ts';
import type { Control } from '../control.ts';
import { publicUrl } from '../public-url.ts';
import { INSTALL_PREFIX } from './constants.ts';

export interface JoinCommands {
  readonly npx: string;
  readonly docker: string;
  readonly systemd: string;
}

export interface JoinSource {
  readonly role: 'connector' | 'pop';
  readonly token: string;
  /** `https://manis.example.com/install/manis-0.1.0.tgz` */
  readonly packageUrl: string;
  /** The local authority, where that is who vouches for the URL: other machines do not know it. */
  readonly caPem?: string;
  /** Where browsers reach PoPs. */
  readonly publicPort: number;
}

/** Where `npm` puts the package: below it nobody but root writes, and units may read. */
const FOLDER = '/opt/manis';
const IMAGE = 'node:26-slim';
const CA_FILE = 'manis-ca.pem';

/** Undefined where this node has no package to give. */
export async function commandsFor(
  control: Control,
  role: JoinSource['role'],
  token: string,
): Promise<JoinCommands | undefined> {
  const { store, portalHost, publicPort, ownPackage } = control;
  if (!ownPackage) return undefined;
  const wishes = await allWishes({ store, portalHost });
  const ofPortal = wishes.find((wish) => new CoveredHosts([wish]).has(portalHost));
  // No other machine knows a name like this one, and not every program on this one does.
  const isHere = portalHost.endsWith('.localhost');
  const base = isHere ? control.url() : publicUrl(control, portalHost);
  return joinCommands({
    ...{ role, token, publicPort },
    packageUrl: new URL(`${INSTALL_PREFIX}/${ownPackage.fileName}`, base).href,
    ...((isHere || ofPortal?.source === 'local') && { caPem: control.caPem() }),
  });
}

export function joinCommands(source: JoinSource): JoinCommands {
  return { npx: npxJoin(source), docker: dockerJoin(source), systemd: systemdJoin(source) };
}

function npxJoin({ role, token, packageUrl, caPem }: JoinSource): string {
  const command = `npx --yes ${packageUrl} ${role} join ${token}`;
  return caPem === undefined ? command : `${written(caPem, CA_FILE)}\nNODE_EXTRA_CA_CERTS="$PWD/${CA_FILE}" ${command}`;
}

/**
 * In the network of the machine: a connector reaches what the machine reaches, a PoP is reached where it is. The package
 * is installed when the container is made, so that it starts again without anybody else.
 */
function dockerJoin({ role, token, packageUrl, caPem }: JoinSource): string {
  const rights = role === 'pop' ? '--cap-drop ALL --cap-add NET_BIND_SERVICE' : '--cap-drop ALL';
  const trust =
    caPem === undefined ? '' : `-e NODE_EXTRA_CA_CERTS=/${CA_FILE} -v "$PWD/${CA_FILE}:/${CA_FILE}:ro" \\\n  `;
  const run = `docker run -d --name manis-${role} --restart unless-stopped --network host \\
  ${rights} --security-opt no-new-privileges -v manis-${role}:/data \\
  ${trust}${IMAGE} sh -c '[ -x ${FOLDER}/bin/manis ] || ${installed(packageUrl)}
  exec ${FOLDER}/bin/manis "$@"' manis ${role} join ${token} --data-dir /data`;
  return caPem === undefined ? run : `${written(caPem, CA_FILE)}\n${run}`;
}

/** The token goes from file to file, and is in no list of processes. */
function systemdJoin({ role, token, packageUrl, caPem, publicPort }: JoinSource): string {
  const file = `/etc/${CA_FILE}`;
  const trust = caPem === undefined ? '' : `${written(caPem, file, 'CA')}\nexport NODE_EXTRA_CA_CERTS=${file}\n`;
  const port = role === 'pop' && publicPort !== 443 ? ` ${publicPort}` : '';
  return `$(command -v sudo) sh -eu <<'END'
${trust}${installed(packageUrl)} </dev/null
sh ${FOLDER}/lib/node_modules/manis/packaging/systemd/install ${role}${port} <<'TOKEN'
${token}
TOKEN
END`;
}

/** Nothing that it brings has to run while it is installed: an older Node unpacks the newer one at the first start. */
function installed(packageUrl: string): string {
  return `npm install --global --ignore-scripts --prefix ${FOLDER} ${packageUrl}`;
}

/** Beside authorities that the machine was told of before. */
function written(caPem: string, path: string, end = 'END'): string {
  return `cat "\${NODE_EXTRA_CA_CERTS:-/dev/null}" - >${path} <<'${end}'\n${caPem.trim()}\n${end}`;
}
