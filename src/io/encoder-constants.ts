/** Compressors of one PoP at once, of a megabyte or two each; what comes beyond goes out as it is. */
export const MAXIMUM_ENCODERS = 128;
/** As good as gzip at its best, at the speed of gzip's middle; the default of 11 is for files that are compressed once. */
export const BROTLI_QUALITY = 4;
/** 256 KiB of memory of what was seen: pages and scripts are seldom longer. */
export const BROTLI_WINDOW_BITS = 18;
/** zstd's own default. */
export const ZSTD_LEVEL = 3;
/** 512 KiB; browsers take 8 MiB (RFC 9659), but each answer would cost as much memory. */
export const ZSTD_WINDOW_BITS = 19;
/** Most of what gzip can save, for half of the time. */
export const GZIP_LEVEL = 5;
