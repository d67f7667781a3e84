/** Memory that all captures of a PoP share. */
export class CaptureRoom {
  readonly #most: number;
  #taken = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  get takenBytes(): number {
    return this.#taken;
  }

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  free(bytes: number): void {
    this.#taken -= bytes;
  }
}
