import type { SiteGrant } from '../core/link/index.ts';

/**
 * A grant without what this machine does not let its connector dial: unix sockets outside a folder, where its operator
 * names one, and everything but unix sockets where it is to dial nothing else. Whoever may change targets could reach
 * every other socket that the connector's user may open.
 */
export function narrowedGrant(
  grant: SiteGrant,
  unixSockets: string | undefined,
  unixSocketsOnly: boolean = false,
): SiteGrant {
  if (unixSockets === undefined) return grant;
  const targets = grant.targets.filter(({ transport, host }) =>
    transport === 'unix' ? isInside(host, unixSockets) : !unixSocketsOnly,
  );
  return { ...grant, targets };
}

function isInside(path: string, folder: string): boolean {
  const isPlain = path.split('/').every((part, i) => (i === 0 || part !== '') && part !== '.' && part !== '..');
  return isPlain && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
