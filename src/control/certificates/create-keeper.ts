import { AcmeClientDirectory, type AcmeClientOptions } from '../../io/acme/acme-client-directory.ts';
import type { AcmeDirectory } from '../../io/acme/acme-directory.ts';
import type { OutboundSettings } from '../../io/outbound/outbound-agents.ts';
import { audit } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import type { TextRecords } from './challenges.ts';
import { DirectoryAccess } from './directory-access.ts';
import { CertificateKeeper } from './keeper.ts';

const SYSTEM: Actor = { name: 'system', clientAddress: '' };

export interface CreateKeeperOptions {
  readonly outbound?: OutboundSettings;
  readonly dnsProvider: (id: string) => Promise<TextRecords | undefined>;
  /** In place of acme-client. */
  readonly open?: (options: AcmeClientOptions) => AcmeDirectory;
}

/** The keeper of certificates of a control node. */
export function createKeeper(control: Control, options: CreateKeeperOptions): CertificateKeeper {
  const { store, clock, random, log, keys, publisher, links, software } = control;
  const { sealing, controlId } = keys;
  const open = options.open ?? ((settings) => new AcmeClientDirectory(settings));
  const access = new DirectoryAccess({
    ...{ store, sealing, clock, software, open },
    ...(options.outbound && { outbound: options.outbound }),
  });
  return new CertificateKeeper({
    ...{ store, clock, random, log, sealing, controlId, access, dnsProvider: options.dnsProvider },
    committed: () => publisher.wake(),
    applied: () => links.pops(),
    behind: (popIds) => log.warn('PoPs are behind, so an authority may not find its proof there', { popIds }),
    failed: (what, error) => log.warn(what, { error }),
    note: (note) => audit(control, store.database, SYSTEM, note),
  });
}
