/** What the overview makes of the network's status: how many of each are up, and what needs a look. */
import { TEXTS } from '../../texts/index.ts';
import type { Status } from './status.ts';

export interface Attention {
  readonly key: string;
  readonly standing: 'warn' | 'bad';
  readonly text: string;
}

export function isUp(connector: Status['connectors'][number]): boolean {
  return connector.tunnels.some(({ state }) => state === 'up');
}

export function attentionOf(status: Status): readonly Attention[] {
  const texts = TEXTS.overview;
  const found: Attention[] = [];
  for (const pop of status.pops) {
    if (!pop.connected) found.push({ key: `${pop.id} down`, standing: 'bad', text: texts.popDown(pop.name) });
    else if (pop.draining)
      found.push({ key: `${pop.id} draining`, standing: 'warn', text: texts.popDraining(pop.name) });
    if (pop.clockSkewMs !== null) found.push({ key: `${pop.id} clock`, standing: 'warn', text: texts.clock(pop.name) });
  }
  for (const connector of status.connectors) {
    const direct = connector.tunnels.filter(({ state, path }) => state === 'up' && path !== 'relay').length;
    if (!isUp(connector))
      found.push({ key: `${connector.id} down`, standing: 'bad', text: texts.connectorDown(connector.name) });
    else if (direct < 2 && status.pops.length > 1)
      found.push({ key: `${connector.id} one`, standing: 'warn', text: texts.connectorOneTunnel(connector.name) });
  }
  for (const node of status.controlNodes)
    if (!node.alive) found.push({ key: node.id, standing: 'bad', text: texts.nodeDown(node.url) });
  return found;
}
