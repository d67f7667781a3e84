import type { Standing } from '../../look/badge.tsx';
import type { Status } from '../overview/status.ts';

export type ConnectorStatus = Status['connectors'][number];
export type Tunnel = ConnectorStatus['tunnels'][number];

export const TUNNEL_STANDINGS: Readonly<Record<Tunnel['state'], Standing>> = {
  up: 'good',
  suspect: 'warn',
  down: 'bad',
};
