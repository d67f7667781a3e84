import type { WireguardCrypto } from '../../core/wireguard/index.ts';

/** Everything but BLAKE2s, which the implementations share. */
export type Primitives = KeyAgreement & MessageSeals & PacketSeals;

export type KeyAgreement = Pick<WireguardCrypto, 'x25519PublicKey' | 'x25519'>;
/** Seals of handshake messages. */
export type MessageSeals = Pick<WireguardCrypto, 'seal' | 'open' | 'xseal' | 'xopen'>;
/** Seals of the packet path. */
export type PacketSeals = Pick<WireguardCrypto, 'packetPath' | 'packetKey' | 'sealInPlace' | 'openInPlace'>;
