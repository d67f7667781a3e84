// The two text codecs exist in every JavaScript runtime but in no ECMAScript lib file; declared here so that
// floors 0 and 1 compile without Node and DOM types.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
