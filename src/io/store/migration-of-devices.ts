import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Plain WireGuard devices. Their PoP may go without them. */
export async function addDevices(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'devices',
    {
      id: 'id',
      site_id: 'text',
      name: 'text',
      wireguard_key: 'text',
      ipv4_address: 'text',
      pop_id: 'text?',
      created_unix_ms: 'big',
    },
    { unique: [['wireguard_key'], ['ipv4_address']], references: { site_id: 'sites' } },
  );
}
