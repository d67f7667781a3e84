/**
 * load: when a program has more to do than it can, and what it leaves undone then. Read `shedding.ts`.
 */
export { IMPORTANCES, type Importance, Shedding, type SheddingLevel } from './shedding.ts';
