import { AcmeClientDirectory, type AcmeClientOptions } from '../../io/acme/acme-client-directory.ts';
import type { AcmeDirectory } from '../../io/acme/acme-directory.ts';
import type { OutboundSettings } from '../../io/outbound/outbound-agents.ts';
import { audit } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { openDnsProvider } from '../domains/dns-providers.ts';
import { DirectoryAccess } from './directory-access.ts';
import { CertificateKeeper } from './keeper.ts';

const SYSTEM: Actor = { name: 'system', clientAddress: '' };

export interface KeeperSettings {
  readonly outbound?: OutboundSettings;
  /** In place of acme-client. */
  readonly open?: (options: AcmeClientOptions) => AcmeDirectory;
}

type Materials = Pick<Control, 'store' | 'clock' | 'random' | 'log' | 'keys' | 'software'>;

/** The keeper of certificates of a control node. The rest of that is asked when something is done. */
export function createKeeper(
  control: () => Control,
  { store, clock, random, log, keys, software }: Materials,
  { outbound, open = (settings) => new AcmeClientDirectory(settings) }: KeeperSettings = {},
): CertificateKeeper {
  const { sealing, controlId } = keys;
  const access = new DirectoryAccess({ store, sealing, clock, software, open, ...(outbound && { outbound }) });
  return new CertificateKeeper({
    ...{ store, clock, random, log, sealing, controlId, access },
    committed: () => control().publisher.wake(),
    applied: () => control().links.pops(),
    behind: (popIds) => log.warn('PoPs are behind, so an authority may not find its proof there', { popIds }),
    failed: (what, error) => log.warn(what, { error }),
    note: (note) => audit(control(), store.database, SYSTEM, note),
    dnsProvider: (id) => openDnsProvider({ store, clock, keys }, id),
  });
}
