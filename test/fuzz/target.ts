/** What is fuzzed: a function of bytes that must hold whatever they are. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that are right, from which others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Words of its grammar, put in here and there. */
  readonly words: readonly Uint8Array[];
  /** Throws where something does not hold. */
  run(input: Uint8Array): void | Promise<void>;
  /** What has to be stopped in the end. */
  close?(): Promise<void>;
}

export const latin1 = (text: string): Uint8Array => joined(Buffer.from(text, 'latin1'));
/** One behind the other. Not a Buffer, whose `slice` is no copy. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
