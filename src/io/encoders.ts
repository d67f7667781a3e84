import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import {
  BROTLI_QUALITY,
  BROTLI_WINDOW_BITS,
  GZIP_LEVEL,
  MAXIMUM_ENCODERS,
  ZSTD_LEVEL,
  ZSTD_WINDOW_BITS,
} from './encoder-constants.ts';

/** A compressor of one answer: bytes in, bytes out, `flush` to give out what it holds. */
export interface Encoder extends Transform {
  flush(done?: () => void): void;
}

/** Compressors in use, of which there are only so many: each holds a window of what it has seen. */
export class Encoders {
  #inUse = 0;

  get inUse(): number {
    return this.#inUse;
  }

  /** Undefined where too many are in use. It is given back when it closes, so it must be ended or destroyed. */
  take(encoding: 'br' | 'zstd' | 'gzip'): Encoder | undefined {
    if (this.#inUse >= MAXIMUM_ENCODERS) return undefined;
    this.#inUse++;
    const encoder = make(encoding);
    encoder.once('close', () => this.#inUse--);
    return encoder;
  }
}

function make(encoding: 'br' | 'zstd' | 'gzip'): Encoder {
  switch (encoding) {
    case 'br':
      return createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
        },
      });
    case 'zstd':
      return createZstdCompress({
        params: {
          [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
          [constants.ZSTD_c_windowLog]: ZSTD_WINDOW_BITS,
        },
      });
    case 'gzip':
      return createGzip({ level: GZIP_LEVEL });
  }
}
