/** Records of what is published as bytes or datagrams, without HTTP. */
import type { Policy } from '../policy/index.ts';
import type { BalanceSettings } from '../routing/index.ts';

/** A resource of kind tcp, udp or tls (passed through by the name that clients ask for). Each PoP listens for it. */
export interface StreamResourceRecord {
  readonly kind: 'streamResource';
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  /** Of `tls`, what clients ask for (SNI), `*.` in front for one label. Of others a name that people call it by; left out: none. */
  readonly host?: string;
  readonly enabled: boolean;
  readonly listen: StreamListen;
  readonly policy: Policy;
  readonly targets: readonly StreamTargetRecord[];
  /** Left out: `DEFAULT_BALANCE` of core/routing. */
  readonly balance?: BalanceSettings;
  /** Every decision is an audit event, not only the first of its kind in a while. */
  readonly auditsAll?: boolean;
  /** Left out: no PROXY header is read, and none is written. */
  readonly proxyProtocol?: ProxyProtocolSettings;
}

/** Where PoPs listen. Of a range, the n-th port leads to the n-th port of each target. */
export type StreamListen =
  | { readonly transport: 'tcp'; readonly first: number; readonly last: number }
  | {
      readonly transport: 'udp';
      readonly first: number;
      readonly last: number;
      /** A session in which nothing moves for this long is over. Left out: a usual time. */
      readonly idleMs?: number;
    }
  /** Left out: the port that browsers use, beside every other host. */
  | { readonly transport: 'tls'; readonly port?: number };

export interface ProxyProtocolSettings {
  /** Prefixes of proxies whose headers are believed: `10.0.0.0/8`. Left out: nobody's. */
  readonly from?: readonly string[];
  /** The version that is written to targets. Left out: none is. */
  readonly to?: 1 | 2;
}

export interface StreamTargetRecord {
  readonly id: string;
  readonly siteId: string;
  /** The target's first stable port on the overlay address of each of the site's connectors. */
  readonly overlayPort: number;
  /** Lower is preferred. */
  readonly priority: number;
  readonly weight: number;
}
