import type { IpAddress } from '../../base/index.ts';

/** The stack's own addresses: few, so a list is searched. */
export class OwnAddresses {
  readonly #addresses: readonly IpAddress[];

  constructor(addresses: readonly IpAddress[]) {
    this.#addresses = addresses;
  }

  /** The own address whose bytes are at `offset`. */
  findAt(view: DataView, offset: number, addressBytes: number): IpAddress | undefined {
    for (const address of this.#addresses)
      if (address.bytes.length === addressBytes && isAt(address.bytes, view, offset)) return address;
    return undefined;
  }

  /** Source address for packets to `destination`: the first of its family. */
  sourceFor(destination: IpAddress): IpAddress | undefined {
    return this.#addresses.find((address) => address.version === destination.version);
  }
}

function isAt(bytes: Uint8Array, view: DataView, offset: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== view.getUint8(offset + i)) return false;
  return true;
}
