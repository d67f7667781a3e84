/** Puts the WireGuard crypto port together: libsodium for keys and packets where it loads, node:crypto where not. */
import type { WireguardCrypto } from '../../core/wireguard/index.ts';
import { createBlake2s } from './blake2s.ts';
import type { Primitives } from './primitives.ts';

export interface WireguardCryptoOptions {
  /** Which implementation to take; without it libsodium, else node:crypto. */
  readonly packetPath?: 'sodium' | 'node';
}

export async function createWireguardCrypto(options: WireguardCryptoOptions = {}): Promise<WireguardCrypto> {
  const primitives = await loadPrimitives(options.packetPath);
  return { ...primitives, ...(await createBlake2s()) };
}

async function loadPrimitives(wanted: 'sodium' | 'node' | undefined): Promise<Primitives> {
  if (wanted !== 'node') {
    try {
      return (await import('./sodium-aead.ts')).sodiumPrimitives();
    } catch (error) {
      // The addon has no build for this platform. Whoever asked for it by name learns that; others get the slower one.
      if (wanted === 'sodium') throw error;
    }
  }
  return (await import('./node-aead.ts')).nodePrimitives();
}
