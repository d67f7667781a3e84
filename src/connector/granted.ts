import { type DialledTarget, type GrantedTarget, isDialled, type SiteGrant } from '../core/link/index.ts';

/** What a stream for a port leads to; undefined where nothing may be dialled. */
export function grantedTcp(grant: SiteGrant | undefined, overlayPort: number): DialledTarget | undefined {
  const target = findGranted(grant, overlayPort);
  return target && isDialled(target) ? target : undefined;
}

/** What datagrams for a port lead to. */
export function grantedUdp(grant: SiteGrant | undefined, overlayPort: number): GrantedTarget | undefined {
  const target = findGranted(grant, overlayPort);
  return target?.transport === 'udp' ? target : undefined;
}

/** Of a range of ports, the target with the port that belongs to this one. */
function findGranted(grant: SiteGrant | undefined, overlayPort: number): GrantedTarget | undefined {
  const isIts = ({ overlayPort: first, ports = 1 }: GrantedTarget) =>
    overlayPort >= first && overlayPort < first + ports;
  const target = grant?.targets.find(isIts);
  return target && target.overlayPort !== overlayPort
    ? { ...target, port: target.port + overlayPort - target.overlayPort }
    : target;
}
