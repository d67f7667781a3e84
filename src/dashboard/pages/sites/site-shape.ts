import type { Standing } from '../../look/badge.tsx';
import type { Status } from '../overview/status.ts';

export type ConnectorStatus = Status['connectors'][number];
export type Tunnel = ConnectorStatus['tunnels'][number];

export const TUNNEL_STANDINGS: Readonly<Record<Tunnel['state'], Standing>> = {
  up: 'good',
  suspect: 'warn',
  down: 'bad',
};

/** What it calls itself, without what everything here is called. */
export function softwareText(software: string | null | undefined): string | undefined {
  return software?.replace(/^manis\//, '');
}

export function rttText(rttMs: number | null): string {
  return rttMs === null ? '–' : `${rttMs.toFixed(1)}\u00a0ms`;
}

/** What was not measured comes last. */
export function rttRank({ rttMs }: Pick<Tunnel, 'rttMs'>): number {
  return rttMs ?? Number.POSITIVE_INFINITY;
}

export function lossText(loss: number): string {
  return `${(loss * 100).toFixed(loss > 0 && loss < 0.1 ? 1 : 0)}\u00a0%`;
}
