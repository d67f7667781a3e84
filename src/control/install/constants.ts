/** Where PoPs and control serve the package. */
export const INSTALL_PREFIX = '/install';
/** Downloads of the package at once, over everybody: each is a file that is read a piece at a time. */
export const DOWNLOADS_MAX = 64;
/** Downloads from one client address (IPv6: one /64) within the window: npm asks twice, and an office shares an address. */
export const DOWNLOADS_PER_ADDRESS = 60;
/** The window in which they are counted. */
export const DOWNLOADS_WINDOW_MS = 15 * 60_000;
/** Longest download: some megabytes over a slow line, and no place that is held for ever. */
export const DOWNLOAD_MAX_MS = 10 * 60_000;
/** After a package that could not be made, no other try is made for this long: a checkout would compile each time. */
export const PACKAGE_RETRY_MS = 30_000;
