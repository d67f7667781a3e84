import type { SecuritySection } from './security-pages.ts';

/** Sections of the "my security" page that others add: one line each. */
export const SECURITY_SECTIONS: readonly SecuritySection[] = [];
