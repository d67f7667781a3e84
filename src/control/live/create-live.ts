import { findConnectorAnywhere } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { PopStatuses } from '../pop-statuses.ts';
import { LIVE_OWNERS_MAX } from './constants.ts';
import { LiveHub } from './live-hub.ts';
import { LiveShare } from './live-share.ts';

type Parts = Pick<Control, 'store' | 'clock' | 'random' | 'log' | 'keys' | 'links'> & {
  readonly statuses: PopStatuses;
};

/** The hub of a node, fed by its links. */
export function createLive({ store, clock, random, log, keys, links, statuses }: Parts): LiveHub {
  const { controlId } = keys;
  // A connector never changes hands, so what was read once holds.
  const owners = new Map<string, string>();
  const hub = new LiveHub({
    clock,
    log,
    pops: () => links.pops(),
    share: store.isShared ? new LiveShare({ store, clock, random, controlId }) : undefined,
    async organisationOf(connectorId) {
      const known =
        owners.get(connectorId) ?? (await findConnectorAnywhere(store.database, connectorId))?.organisation_id;
      if (known !== undefined) {
        if (owners.size >= LIVE_OWNERS_MAX) owners.clear();
        owners.set(connectorId, known);
      }
      return known;
    },
  });
  links.requests.listen((heard) => hub.heard(heard));
  statuses.listen(() => hub.networkChanged());
  return hub;
}
