/** A plain WireGuard device. Its private key is never here. */
export interface DevicesTable {
  id: string;
  organisation_id: string;
  site_id: string;
  name: string;
  wireguard_key: string;
  ipv4_address: string;
  /** The PoP that its tunnel goes to; null once that was removed. */
  pop_id: string | null;
  created_unix_ms: number;
  source?: string | null | undefined;
}
